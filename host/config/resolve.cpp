// Settings of a type: references resolved, checked against the schema, and a form to show.
#include <map>
#include <set>

#include "base/strings.hpp"
#include "config/load.hpp"
#include "config/masking.hpp"
#include "config/readers.hpp"
#include "config/references.hpp"
#include "config/schema.hpp"
#include "config/schema_view.hpp"
#include "config/settings_mask.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

class Resolver {
 public:
  Resolver(const Environment& environment, const Sources& sources, const std::string& pointer,
           Diagnostics& diagnostics)
      : environment_(environment),
        sources_(sources),
        pointer_(pointer),
        diagnostics_(diagnostics) {}

  /// The value with references replaced. `pointer` is below the settings.
  json::Value resolve(const json::Value& value, const SchemaView& schema,
                      const std::string& pointer) {
    if (schema.takes_reference(value)) {
      return replaced(read_reference(value, environment_, sources_), value, pointer, pointer);
    }
    json::Value out = value;
    if (schema.is_free_form()) return out;
    if (out.is_array()) {
      for (std::size_t i = 0; i < out.items().size(); ++i) {
        out.items()[i] = resolve(out.items()[i], schema.item(), json::join_pointer(pointer, i));
      }
    } else if (out.is_object()) {
      for (json::Member& member : out.members()) resolve_member(member, value, schema, pointer);
    }
    return out;
  }

  /// The pointer of what was written: of `url_env` for `url`.
  std::string written(const std::string& pointer) const {
    const auto found = short_forms_.find(pointer);
    return pointer_ + (found == short_forms_.end() ? pointer : found->second);
  }
  /// True where a reference could not be resolved: what stands there now means nothing.
  bool is_unresolved(const std::string& pointer) const { return unresolved_.count(pointer) > 0; }
  std::vector<std::string> take_secrets() { return std::move(secrets_); }

 private:
  void resolve_member(json::Member& member, const json::Value& object, const SchemaView& schema,
                      const std::string& parent) {
    auto& [name, value] = member;
    const std::string pointer = json::join_pointer(parent, name);
    const std::string base(short_form_base(name));
    if (base.empty() || schema.has_property(name) || !schema.has_string_property(base)) {
      value = resolve(value, schema.member(name), pointer);
      return;
    }
    if (object.find(base) != nullptr) {
      return problem(value, pointer,
                     in_quotes(base) + " is given as well: only one of the two may be there");
    }
    const std::string long_pointer = json::join_pointer(parent, base);
    short_forms_[long_pointer] = pointer;
    name = base;
    if (value.is_string()) {
      value = replaced(read_variable(value.text(), environment_), value, long_pointer, pointer);
    } else {
      problem(value, pointer, must_be("the name of an environment variable", value));
      unresolved_.insert(long_pointer);
    }
  }

  json::Value replaced(Result<Referenced> found, const json::Value& reference,
                       const std::string& pointer, const std::string& written_pointer) {
    json::Value out = json::Value::string("");
    if (found) {
      out = json::Value::string(found->text);
      secrets_.push_back(found->secret);
      for (const auto& [start, end] : url_password_spans(found->secret)) {
        secrets_.push_back(found->secret.substr(start, end - start));
        secrets_.push_back(percent_decoded(secrets_.back()));
      }
    } else {
      unresolved_.insert(pointer);
      Status status = found.status();
      diagnostics_.add(
          std::move(status).at(sources_.place(reference.origin(), pointer_ + written_pointer)));
    }
    out.set_origin(reference.origin());
    return out;
  }

  void problem(const json::Value& near_value, const std::string& pointer, std::string sentence) {
    diagnostics_.add(Status::error(Code::Configuration, std::move(sentence))
                         .at(sources_.place(near_value.origin(), pointer_ + pointer)));
  }

  const Environment& environment_;
  const Sources& sources_;
  const std::string& pointer_;
  Diagnostics& diagnostics_;
  std::map<std::string, std::string> short_forms_;
  std::set<std::string> unresolved_;
  std::vector<std::string> secrets_;
};

std::string last_name(const std::string& pointer) {
  return pointer.substr(pointer.rfind('/') + 1);
}

/// The host's own members of an action: what read_delivery and the observer reader take.
const std::vector<std::string>& host_names() {
  static const std::vector<std::string> kNames = {
      "type",        "name",    "module",          "retry",   "timeout",          "on_failure",
      "concurrency", "missing", "retry_after_cap", "max_age", "unavailable_limit"};
  return kNames;
}

}  // namespace

std::optional<Resolved> resolve_settings(const json::Value& settings, const json::Value& schema,
                                         const Environment& environment, const Sources& sources,
                                         const std::string& pointer, Diagnostics& diagnostics,
                                         const std::vector<std::string>& near_names) {
  Diagnostics found;
  const SchemaView view(&schema);
  Resolver resolver(environment, sources, pointer, found);
  Resolved out;
  out.value = resolver.resolve(settings, view, "");
  validate_schema(
      out.value, schema,
      [&](const std::string& below, const json::Value& near_value, const std::string& sentence) {
        if (resolver.is_unresolved(below)) return;
        const bool unknown = sentence.starts_with("unknown setting");
        std::string whole = sentence;
        if (unknown && below.rfind('/') == 0 &&
            sentence.find("did you mean") == std::string::npos) {
          whole += did_you_mean(last_name(below), near_names);
        }
        const std::string where = resolver.written(below);
        found.add(Status::error(Code::ActionSettings, std::move(whole))
                      .at(unknown ? sources.name_place(last_name(below), near_value.origin(), where)
                                  : sources.place(near_value.origin(), where)));
      });
  diagnostics.append(found);
  if (!found.ok()) return std::nullopt;
  out.secrets = resolver.take_secrets();
  out.masked = mask_settings(settings, view, false, &out.secrets);
  return out;
}

std::optional<Resolved> resolve_action(const ActionSettings& action, const json::Value& schema,
                                       const Environment& environment, const Sources& sources,
                                       Diagnostics& diagnostics) {
  return resolve_settings(action.settings, schema, environment, sources, action.place.pointer,
                          diagnostics, host_names());
}

std::optional<Resolved> resolve_module(const ModuleSettings& module, const json::Value& schema,
                                       const Environment& environment, const Sources& sources,
                                       Diagnostics& diagnostics) {
  return resolve_settings(module.settings, schema, environment, sources, module.place.pointer,
                          diagnostics);
}

}  // namespace observerd::config
