// The merged configuration as `config show` prints it.
#include "config/load.hpp"
#include "config/references.hpp"
#include "config/settings_mask.hpp"

namespace observerd::config {
namespace {

class DocumentMasker {
 public:
  explicit DocumentMasker(const SchemaLookup& schema) : schema_(schema) {}

  void mask(json::Value& document) const {
    if (json::Value* database = document.find("database")) mask_database(*database);
    if (json::Value* plugins = document.find("plugins")) mask_plugins(*plugins);
    if (json::Value* runtime = document.find("runtime")) mask_alert(*runtime);
    if (json::Value* admin = document.find("admin")) mask_text(*admin, "token");
    json::Value* observers = document.find("observers");
    if (observers == nullptr) return;
    for (json::Value& observer : observers->items()) mask_observer(observer);
  }

 private:
  static void mask_database(json::Value& database) {
    json::Value* url = database.find("url");
    if (url != nullptr && url->is_string()) *url = json::Value::string(masked_url(url->text()));
  }

  static void mask_text(json::Value& object, std::string_view name) {
    json::Value* text = object.find(name);
    if (text != nullptr && text->is_string()) *text = json::Value::string("***");
  }

  void mask_alert(json::Value& runtime) const {
    json::Value* alert = runtime.find("alert");
    json::Value* action = alert == nullptr ? nullptr : alert->find("action");
    if (action != nullptr) mask_type(*action, action->string_or("type"), SchemaOf::Action);
  }

  void mask_plugins(json::Value& plugins) const {
    if (json::Value* settings = plugins.find("settings")) {
      for (auto& [type, value] : settings->members()) mask_type(value, type, SchemaOf::Module);
    }
    json::Value* modules = plugins.find("modules");
    if (modules == nullptr) return;
    for (auto& [name, module] : modules->members()) {
      json::Value* settings = module.find("settings");
      if (settings != nullptr) mask_type(*settings, module.string_or("type"), SchemaOf::Module);
    }
  }

  void mask_observer(json::Value& observer) const {
    json::Value* actions = observer.find("actions");
    if (actions == nullptr) return;
    for (json::Value& action : actions->items()) {
      mask_type(action, action.string_or("type"), SchemaOf::Action);
    }
  }

  void mask_type(json::Value& settings, const std::string& type, SchemaOf of) const {
    const json::Value* schema = schema_ && !type.empty() ? schema_(type, of) : nullptr;
    settings = mask_settings(settings, SchemaView(schema), schema == nullptr, nullptr);
  }

  const SchemaLookup& schema_;
};

}  // namespace

json::Value masked_document(const Configuration& configuration, const SchemaLookup& schema) {
  json::Value out = configuration.merged;
  DocumentMasker(schema).mask(out);
  return out;
}

}  // namespace observerd::config
