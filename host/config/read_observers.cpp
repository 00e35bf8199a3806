// Observers and their actions.
#include <algorithm>

#include "base/strings.hpp"
#include "condition/condition.hpp"
#include "config/condition_place.hpp"
#include "config/readers.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kLongestType = 50;  // observer_dlq_items.action_type
constexpr std::string_view kNameRule = "must be 1 to 64 letters, digits, \".\", \"_\" and \"-\"";

/// Where each name was used first.
using Names = std::map<std::string, Place, std::less<>>;

class ObserverReader {
 public:
  /// `alerts_must_exist`: whether the alert that "on_failure": "alert" needs has been read.
  ObserverReader(const Reading& reading, const Settings& settings, const DeliverySettings& defaults,
                 bool alerts_must_exist)
      : reading_(reading),
        settings_(settings),
        defaults_(defaults),
        alerts_must_exist_(alerts_must_exist) {
    for (const auto& [name, entity] : settings.entities) entities_.push_back(name);
    for (const ModuleSettings& module : settings.plugins.modules) {
      if (!module.name.empty()) modules_.push_back(module.name);
    }
  }

  ObserverSettings read(const json::Value& value, const std::string& pointer);
  ActionSettings read_action(const json::Value& value, const json::Value& parent,
                             const std::string& pointer, Names& names);

 private:
  void read_name(Section& section, ObserverSettings& out);
  void read_events(Section& section, ObserverSettings& out);
  void read_entity(Section& section, ObserverSettings& out);
  void read_condition(Section& section, const json::Value& value, ObserverSettings& out);
  void read_actions(Section& section, const json::Value& value, ObserverSettings& out);
  void check_module(Section& section, const ActionSettings& action);

  const Reading& reading_;
  const Settings& settings_;
  const DeliverySettings& defaults_;
  const bool alerts_must_exist_;
  std::vector<std::string> entities_;
  std::vector<std::string> modules_;
  Names names_;
};

ObserverSettings ObserverReader::read(const json::Value& value, const std::string& pointer) {
  static constexpr Choice<Ordering> kOrderings[] = {{"entity", Ordering::Entity},
                                                    {"none", Ordering::None}};
  static constexpr Choice<Sequence> kSequences[] = {{"plain", Sequence::Plain},
                                                    {"strict", Sequence::Strict}};
  ObserverSettings out;
  Section section(reading_, &value, value, pointer);
  out.place = section.place();
  read_name(section, out);
  read_events(section, out);
  read_entity(section, out);
  read_condition(section, value, out);
  out.ordering = section.choice("ordering", kOrderings).value_or(out.ordering);
  out.sequence = section.choice("sequence", kSequences).value_or(out.sequence);
  out.enabled = section.boolean("enabled").value_or(out.enabled);
  read_actions(section, value, out);
  section.finish();
  return out;
}

void ObserverReader::read_name(Section& section, ObserverSettings& out) {
  out.name = section.required_string("name");
  if (out.name.empty()) return;
  if (!is_plain_name(out.name, kLongestName)) section.problem("name", std::string(kNameRule));
  const auto [first, is_new] = names_.emplace(out.name, out.place);
  if (!is_new) {
    section.problem("name", "the observer name " + in_quotes(out.name) +
                                " is used twice, first at " + first->second.to_string());
  }
}

void ObserverReader::read_events(Section& section, ObserverSettings& out) {
  const auto events = section.strings("events");
  if (!events) return;
  if (events->empty()) {
    section.problem("events", "must name at least one kind of event; \"*\" stands for all");
  }
  static const std::vector<std::string> kKinds = {"insert", "update", "delete", "custom", "*"};
  bool all = false;
  for (const TextItem& event : *events) {
    all = all || event.text == "*";
    const auto found = std::find(kKinds.begin(), kKinds.end(), event.text);
    if (found == kKinds.end()) {
      reading_.problem(*event.written, event.pointer,
                       "must be " + either(quote_all(kKinds)) + did_you_mean(event.text, kKinds));
    } else if (event.text != "*") {
      const auto kind = static_cast<EventKind>(found - kKinds.begin());
      if (std::find(out.events.begin(), out.events.end(), kind) == out.events.end()) {
        out.events.push_back(kind);
      }
    }
  }
  if (all) out.events.clear();
}

void ObserverReader::read_entity(Section& section, ObserverSettings& out) {
  out.entity = section.required_string("entity");
  // Custom events may be of an entity that no table stands for.
  const bool only_custom = out.events == std::vector<EventKind>{EventKind::Custom};
  if (entities_.empty() || out.entity.empty() || out.entity == "*" || only_custom ||
      !reading_.complete)
    return;
  if (settings_.entities.count(out.entity) == 0) {
    section.problem("entity", "there is no entity " + in_quotes(out.entity) + " in \"entities\"" +
                                  did_you_mean(out.entity, entities_));
  }
}

void ObserverReader::read_condition(Section& section, const json::Value& value,
                                    ObserverSettings& out) {
  const auto text = section.string("when");
  if (!text) return;
  const json::Value* written = value.find("when");
  if (written == nullptr) written = value.find("when_env");
  out.when = *text;
  out.when_origin = written->origin();
  const Result<condition::Condition> parsed = condition::Condition::parse(*text);
  if (parsed.ok()) return;
  Status problem = parsed.status();
  problem.at(condition_place(reading_.sources, *written, *text, problem.place(),
                             section.pointer_to("when")));
  reading_.diagnostics.add(std::move(problem));
}

void ObserverReader::read_actions(Section& section, const json::Value& value,
                                  ObserverSettings& out) {
  section.must_have("actions");
  const json::Value* actions = section.array("actions");
  if (actions == nullptr) {
    if (section.present() && value.find("actions") == nullptr) {
      section.problem("actions", "the setting \"actions\" is missing");
    }
    return;
  }
  if (actions->items().empty()) section.problem("actions", "must have at least one action");
  Names names;
  for (std::size_t i = 0; i < actions->items().size(); ++i) {
    out.actions.push_back(read_action(actions->items()[i], *actions,
                                      json::join_pointer(section.pointer_to("actions"), i), names));
  }
}

ActionSettings ObserverReader::read_action(const json::Value& value, const json::Value& parent,
                                           const std::string& pointer, Names& names) {
  ActionSettings out;
  Section section(reading_, &value, parent, pointer);
  out.place = section.place();
  out.type = section.required_string("type");
  if (!out.type.empty() && !is_plain_name(out.type, kLongestType)) {
    section.problem("type", "must be 1 to 50 letters, digits, \".\", \"_\" and \"-\"");
  }
  const auto name = section.string("name");
  out.name = name.value_or(out.type);
  if (name && !is_plain_name(*name, kLongestName)) section.problem("name", std::string(kNameRule));
  if (!out.name.empty()) {
    const auto [first, is_new] = names.emplace(out.name, out.place);
    if (!is_new) {
      section.problem(name ? "name" : "type",
                      "two actions of this observer are called " + in_quotes(out.name) +
                          ", the first at " + first->second.to_string() +
                          ": a \"name\" of its own is required where a type repeats");
    }
  }
  out.module = section.string("module").value_or("");
  check_module(section, out);
  out.delivery = read_delivery(reading_, section, defaults_);
  if (alerts_must_exist_ && out.delivery.on_failure == OnFailure::Alert &&
      !settings_.runtime.alert && reading_.complete) {
    section.problem("on_failure",
                    "\"alert\" needs \"runtime.alert\", the action that tells somebody");
  }
  out.settings = section.rest();
  return out;
}

void ObserverReader::check_module(Section& section, const ActionSettings& action) {
  if (action.module.empty() || !reading_.complete) return;
  const auto& modules = settings_.plugins.modules;
  const auto found = std::find_if(modules.begin(), modules.end(),
                                  [&](const auto& module) { return module.name == action.module; });
  if (found == modules.end()) {
    section.problem("module", "there is no module " + in_quotes(action.module) +
                                  " in \"plugins.modules\"" +
                                  did_you_mean(action.module, modules_));
  } else if (!action.type.empty() && !found->type.empty() && found->type != action.type) {
    section.problem("module", "the module " + in_quotes(action.module) + " is of type " +
                                  in_quotes(found->type) + ", the action of type " +
                                  in_quotes(action.type));
  }
}

}  // namespace

bool is_plain_name(std::string_view name, std::size_t longest) {
  return !name.empty() && name.size() <= longest &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_' || c == '-';
         });
}

ActionSettings read_single_action(const Reading& reading, const json::Value& value,
                                  const json::Value& parent, const std::string& pointer,
                                  const Settings& settings, const DeliverySettings& defaults) {
  Names names;
  return ObserverReader(reading, settings, defaults, false)
      .read_action(value, parent, pointer, names);
}

std::vector<ObserverSettings> read_observers(const Reading& reading, Section& root,
                                             const Settings& settings,
                                             const DeliverySettings& defaults) {
  std::vector<ObserverSettings> out;
  const json::Value* observers = root.array("observers");
  if (observers == nullptr) return out;
  ObserverReader reader(reading, settings, defaults, true);
  IndexInFile index;
  out.reserve(observers->items().size());
  for (const json::Value& observer : observers->items()) {
    out.push_back(reader.read(observer, json::join_pointer("/observers", index.next(observer))));
  }
  return out;
}

}  // namespace observerd::config
