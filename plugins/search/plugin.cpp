#include "observerd/plugin.hpp"

#include <memory>
#include <string>
#include <utility>

#include "common/bulk_module.hpp"
#include "common/settings.hpp"
#include "search/bulk_answer.hpp"
#include "search/engine.hpp"
#include "search/nodes.hpp"
#include "search/schema.hpp"
#include "search/settings.hpp"

namespace observerd::search {
namespace {

class SearchAction final : public sdk::Action {
 public:
  explicit SearchAction(ActionSettings settings) : settings(std::move(settings)) {}
  const ActionSettings settings;
};

}  // namespace

/// Keeps documents of a search engine as the rows are.
class SearchModule final : public common::BulkModule<Part> {
 public:
  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("search", "Keeps the documents of a search engine as the rows are.")
        .module_schema(kModuleSchema)
        .action_schema(kActionSchema)
        .max_batch(1'000)
        .thread_safe(2)
        .async(16);
  }

  SearchModule(sdk::Host host, std::string_view settings, sdk::Errors& errors)
      : SearchModule(host, common::parse_settings(settings, errors).value_or(json::Value::object()),
                     errors) {}

  std::unique_ptr<sdk::Action> bind(std::string_view text, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    const auto parsed = common::parse_settings(text, errors);
    if (!parsed) return nullptr;
    ActionSettings action = parse_action(*parsed, search_.flavour, common::into(errors));
    binding.lane_key(search_.lane_key);
    binding.batch_key(search_.lane_key);  // all that goes to one cluster may go together
    return std::make_unique<SearchAction>(std::move(action));
  }

  /// Every node is asked.
  bool probe(sdk::Action& action, sdk::Errors& errors) override {
    const ActionSettings& settings = static_cast<SearchAction&>(action).settings;
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      const auto response = ask(nodes_.request(node, engine_->probe(settings)));
      if (!response) {
        errors.add("", "the HTTP client could not be started");
        return false;
      }
      const std::string problem = engine_->probe_problem(*response, settings);
      if (!problem.empty()) errors.add("", search_.urls[node].origin() + ": " + problem);
    }
    return errors.ok();
  }

 private:
  SearchModule(sdk::Host host, const json::Value& settings, sdk::Errors& errors)
      : SearchModule(host, settings,
                     parse_module(settings, allows_http(settings), common::into(errors)), errors) {}
  SearchModule(sdk::Host host, const json::Value& settings, ModuleSettings search,
               sdk::Errors& errors)
      : BulkModule(host, settings, search.max_request_bytes, errors),
        search_(std::move(search)),
        nodes_(search_.urls, search_.credentials),
        engine_(make_engine(search_.flavour, nodes_, host)) {}

  static bool allows_http(const json::Value& settings) {
    const json::Value* value = settings.find("allow_http");
    return value != nullptr && value->is_boolean() && value->as_boolean();
  }

  std::variant<Part, sdk::Result> prepare(const sdk::Item& item) const override {
    return engine_->prepare(item, item.action<SearchAction>().settings);
  }

  common::Step first_step(const std::shared_ptr<const Parts>& parts) const override {
    return engine_->first_step(parts);
  }

  const ModuleSettings search_;
  const Nodes nodes_;
  const std::unique_ptr<const Engine> engine_;
};

}  // namespace observerd::search

OBSERVERD_SDK_PLUGIN(0,
                     observerd::sdk::PluginInfo("search", OBSERVERD_VERSION)
                         .description("Keeps the documents of a search engine as the rows are.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     observerd::search::SearchModule);
