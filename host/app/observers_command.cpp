#include <algorithm>
#include <optional>
#include <ostream>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/views/hosts_view.hpp"
#include "base/strings.hpp"
#include "store/control.hpp"

namespace observerd::app {
namespace {

namespace po = boost::program_options;

struct Target {
  std::string observer;
  std::string action;  ///< "" for all

  std::string text() const { return action.empty() ? observer : observer + '/' + action; }
};

/// NAME or NAME/ACTION, checked against the configuration: what is misspelt pauses nothing.
std::optional<Status> read_target(const std::string& word, const config::Settings& settings,
                                  bool may_be_gone, Target& target) {
  const std::size_t slash = word.find('/');
  target.observer = word.substr(0, slash);
  target.action = slash == std::string::npos ? "" : word.substr(slash + 1);
  if (may_be_gone) return std::nullopt;
  std::vector<std::string> names;
  for (const config::ObserverSettings& observer : settings.observers) {
    names.push_back(observer.name);
    if (observer.name != target.observer) continue;
    if (target.action.empty()) return std::nullopt;
    std::vector<std::string> actions;
    for (const config::ActionSettings& action : observer.actions) actions.push_back(action.name);
    if (std::find(actions.begin(), actions.end(), target.action) != actions.end()) {
      return std::nullopt;
    }
    return Status::error(Code::NoMatch, "the observer \"" + observer.name + "\" has no action \"" +
                                            target.action + "\"" +
                                            did_you_mean(target.action, actions));
  }
  return Status::error(Code::NoMatch, "there is no observer \"" + target.observer + "\"" +
                                          did_you_mean(target.observer, names));
}

std::string counted(const json::Value& object, const char* name) {
  const json::Value* value = object.find(name);
  return value == nullptr ? "0" : value->text();
}

std::string state_of(const json::Value& observer) {
  if (!observer.find("enabled")->as_boolean()) return "disabled";
  std::string state;
  for (const json::Value& pause : observer.find("paused")->items()) {
    const std::string action = pause.string_or("action");
    const std::string one = (pause.string_or("cause") == "gone" ? "gone" : "paused") +
                            (action.empty() ? std::string() : " (" + action + ")");
    state += (state.empty() ? "" : ", ") + one;
  }
  return state.empty() ? "active" : state;
}

int list(const Invocation& invocation) {
  CommandLine line("observers list",
                   "The configured observers, whether they are paused, and what the running hosts "
                   "have counted since they started.");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line);
  if (!configuration) return kConfiguration;
  auto connection = open_database(configuration->settings, "observers");
  if (!connection) return fail(invocation, connection.status());
  const Result<json::Value> observers =
      views::list_observers(**connection, configuration->settings);
  if (!observers) return fail(invocation, observers.status());
  if (line.json()) {
    print_json(invocation.out, *observers);
    return kDone;
  }
  Table table({"OBSERVER", "STATE", "ENTITY", "MATCHED", "DELIVERED", "FAILED", "ERRORS"});
  for (const json::Value& observer : observers->items()) {
    table.add({observer.string_or("name"), state_of(observer), observer.string_or("entity"),
               counted(observer, "matched"), counted(observer, "delivered"),
               counted(observer, "failed"), counted(observer, "condition_errors")});
  }
  if (table.empty()) {
    invocation.out << "no observer is configured\n";
    return kDone;
  }
  table.print(invocation.out);
  for (const json::Value& observer : observers->items()) {
    const std::string error = observer.string_or("last_condition_error");
    if (!error.empty()) {
      invocation.out << "\n! " << observer.string_or("name") << ": " << shorten(error, 200) << '\n';
    }
  }
  return kDone;
}

/// What pausing and resuming share: for each word, `change` says whether it changed something.
template <typename Change>
int change_each(const Invocation& invocation, CommandLine& line, const char* usage,
                bool may_be_gone, const char* done, const char* not_needed, Change change) {
  line.positional("name", "observers, or NAME/ACTION for one action", -1);
  if (const auto over = line.parse(invocation)) return *over;
  const std::vector<std::string> words = line.words("name");
  if (words.empty()) return usage_error(invocation, usage, "the name of an observer is needed");
  const auto configuration = load_configuration(invocation, line);
  if (!configuration) return kConfiguration;
  std::vector<Target> targets(words.size());
  bool known = true;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (const auto problem =
            read_target(words[i], configuration->settings, may_be_gone, targets[i])) {
      known = false;
      invocation.err << problem->to_string() << '\n';
    }
  }
  if (!known) return kUsage;
  auto connection = open_database(configuration->settings, "observers");
  if (!connection) return fail(invocation, connection.status());
  store::Control control(**connection);
  json::Value document = json::Value::array();
  for (const Target& target : targets) {
    const Result<bool> changed = change(control, target);
    if (!changed) return fail(invocation, changed.status());
    if (line.json()) {
      document.push_back(json::Value::object({{"name", json::Value::string(target.text())},
                                              {"changed", json::Value::boolean(*changed)}}));
    } else {
      invocation.out << (*changed ? done : not_needed) << target.text() << '\n';
    }
  }
  if (line.json()) print_json(invocation.out, document);
  return kDone;
}

int pause(const Invocation& invocation) {
  const char* usage = "observers pause NAME[/ACTION]…";
  CommandLine line(usage,
                   "Holds the deliveries of an observer, or of one action: they are parked, not "
                   "lost, and go out in order after `resume`.");
  line.add()("reason", po::value<std::string>()->value_name("TEXT"), "why: shown to others");
  return change_each(
      invocation, line, usage, false, "paused ",
      "was paused already: ", [&](store::Control& control, const Target& target) {
        return control.pause({target.observer, target.action, "operator", line.text("reason"), ""});
      });
}

int resume(const Invocation& invocation) {
  const char* usage = "observers resume NAME[/ACTION]…";
  CommandLine line(usage,
                   "Lets what was held go out, in order. Also after the receiver has said "
                   "that it is gone.");
  return change_each(invocation, line, usage, true, "resumed ",
                     "was not paused: ", [](store::Control& control, const Target& target) {
                       return target.action.empty()
                                  ? control.resume_all(target.observer)
                                  : control.resume(target.observer, target.action);
                     });
}

}  // namespace

int observers_command(const Invocation& invocation) {
  return run_group("observers",
                   {{"list", "live state and counters", list},
                    {"pause", "hold deliveries; nothing is lost", pause},
                    {"resume", "let them go", resume}},
                   invocation);
}

}  // namespace observerd::app
