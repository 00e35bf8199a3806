#include <ostream>
#include <set>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/stored.hpp"
#include "app/views/hosts_view.hpp"
#include "app/views/observer_changes.hpp"

namespace observerd::app {
namespace {

namespace po = boost::program_options;

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

void print_observers(std::ostream& out, const json::Value& observers) {
  Table table({"OBSERVER", "STATE", "ENTITY", "MATCHED", "DELIVERED", "FAILED", "ERRORS"});
  for (const json::Value& observer : observers.items()) {
    table.add({observer.string_or("name"), state_of(observer), observer.string_or("entity"),
               text_at(observer, "matched"), text_at(observer, "delivered"),
               text_at(observer, "failed"), text_at(observer, "condition_errors")});
  }
  if (table.empty()) {
    out << "no observer is configured\n";
    return;
  }
  table.print(out);
  std::set<std::string> told;  // entities
  for (const json::Value& observer : observers.items()) {
    const bool is_told = !told.insert(observer.string_or("entity")).second;
    for (const json::Value& field : observer.find("missing_fields")->items()) {
      if (is_told) break;
      out << "\n! " << observer.string_or("entity") << ": the field " << field.string_or("field")
          << " was missing in " << text_at(field, "missing") << " of " << text_at(field, "events")
          << " events\n";
    }
    const std::string error = observer.string_or("last_condition_error");
    if (!error.empty()) {
      out << "\n! " << observer.string_or("name") << ": " << shorten(error, 200) << '\n';
    }
  }
}

int list(const Invocation& invocation) {
  StoredCommand command(
      invocation, "observers list",
      "The configured observers, whether they are paused, and what the running hosts have counted "
      "since they started. Condition errors are counted where conditions were evaluated:\nat least "
      "so many.");
  if (const auto over = command.parse()) return *over;
  if (const auto over = command.start("observers", {"database", "observers"})) return *over;
  return command.answer(
      views::list_observers(command.connection(), command.settings()),
      [&](const json::Value& observers) { print_observers(invocation.out, observers); });
}

/// What pausing and resuming share. `change` is given the connection and the targets.
template <typename Change>
int change_each(const Invocation& invocation, CommandLine& line, const char* usage,
                bool must_be_configured, const char* done, const char* not_needed, Change change) {
  line.positional("name", "observers, or NAME/ACTION for one action", -1);
  if (const auto over = line.parse(invocation)) return *over;
  const std::vector<std::string> targets = line.words("name");
  if (targets.empty()) return usage_error(invocation, usage, "the name of an observer is needed");
  const auto configuration = load_configuration(invocation, line, {"database", "observers"});
  if (!configuration) return kConfiguration;
  bool known = true;
  for (const std::string& target : targets) {
    if (!must_be_configured) break;
    const std::string problem = views::problem_of_target(target, configuration->settings);
    if (problem.empty()) continue;
    known = false;
    invocation.err << Status::error(Code::NoMatch, problem).to_string() << '\n';
  }
  if (!known) return kNegative;
  auto connection = open_database(configuration->settings, "observers");
  if (!connection) return fail(invocation, connection.status());
  const Result<std::vector<views::ObserverChange>> changes = change(**connection, targets);
  if (!changes) return fail(invocation, changes.status());
  if (line.json()) {
    print_json(invocation.out, views::to_json(*changes));
    return kDone;
  }
  bool all_known = true;
  for (const views::ObserverChange& one : *changes) {
    const std::string problem =
        one.changed ? "" : views::problem_of_target(one.target, configuration->settings);
    if (problem.empty()) {
      invocation.out << (one.changed ? done : not_needed) << one.target << '\n';
      continue;
    }
    all_known = false;
    invocation.err << Status::error(Code::NoMatch, problem).to_string() << '\n';
  }
  return all_known ? kDone : kNegative;
}

int pause(const Invocation& invocation) {
  const char* usage = "observers pause NAME[/ACTION]…";
  CommandLine line(usage,
                   "Holds the deliveries of an observer, or of one action: they are parked, not "
                   "lost, and go out in order after `resume`.");
  line.add()("reason", po::value<std::string>()->value_name("TEXT"), "why: shown to others");
  return change_each(
      invocation, line, usage, true, "paused ", "was paused already: ",
      [&](postgres::Connection& connection, const std::vector<std::string>& targets) {
        return views::pause_observers(connection, targets, line.text("reason"));
      });
}

int resume(const Invocation& invocation) {
  const char* usage = "observers resume NAME[/ACTION]…";
  CommandLine line(usage,
                   "Lets what was held go out, in order. Also after the receiver has said that it "
                   "is gone.");
  return change_each(invocation, line, usage, false, "resumed ",
                     "was not paused: ", &views::resume_observers);
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
