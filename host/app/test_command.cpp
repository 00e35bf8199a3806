#include <ostream>

#include "app/commands.hpp"
#include "app/compose.hpp"
#include "app/host_services.hpp"
#include "app/input.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/test_send.hpp"
#include "app/views/evaluation_view.hpp"
#include "condition/condition.hpp"

namespace observerd::app {
namespace {

struct ActionReport {
  std::string name, type, rendered, request;
  Status problem;
  std::optional<Sent> sent;
};

struct ObserverReport {
  std::string name;
  bool matches = false;
  std::string why;  ///< one sentence
  std::vector<condition::Explained> explanation;
  std::vector<ActionReport> actions;
};

/// Why an observer does not even look at its condition; "" when it does.
std::string passed_over(const config::ObserverSettings& observer, const Event& event) {
  if (!observer.enabled) return "it is disabled";
  if (observer.events.empty()) return "";
  for (const EventKind kind : observer.events) {
    if (kind == event.kind) return "";
  }
  return "it does not watch " + std::string(kind_name(event.kind)) + " events";
}

ActionReport report_action(const delivery::PreparedObserver& observer,
                           const delivery::PreparedAction& action, const Composition& composition,
                           const std::string& module_name, const Event& event, bool send) {
  ActionReport report;
  report.name = action.name;
  report.type = action.type;
  if (!action.blocked.empty()) {
    report.problem = Status::error(Code::PluginLoad, "blocked: " + action.blocked);
    return report;
  }
  // What is really sent is a delivery of its own: the real one must not be taken for a repeat.
  const std::string id =
      (send ? Uuid::random() : make_delivery_id(event.id, observer.name, action.name)).to_string();
  const templates::Context context{event, observer.name, id, 1};
  const auto missing =
      action.delivery.missing_is_empty ? templates::Missing::Empty : templates::Missing::Error;
  const Result<json::Value> rendered = action.settings.render(context, missing);
  if (!rendered) {
    report.problem = rendered.status();
    return report;
  }
  report.rendered = action.mask(json::write(*rendered));
  plugin::Item item;
  item.action = action.bound.get();
  item.delivery_id = id;
  item.order = static_cast<std::uint64_t>(event.outbox_id);
  item.event_json = std::make_shared<const std::string>(send ? marked_as_test(event_json(event))
                                                             : event_json(event));
  item.settings_json = std::make_shared<const std::string>(json::write(*rendered));
  item.trace_parent = event.trace_parent;
  const Composition::OpenModule* module = composition.find(action.type, module_name);
  report.request = action.mask(module->module->preview(item));
  if (send) {
    report.sent = send_once(*module->module, std::move(item), action.delivery.timeout);
    report.sent->result.message = action.mask(std::move(report.sent->result.message));
  }
  return report;
}

ObserverReport report_observer(const config::ObserverSettings& settings,
                               const delivery::PreparedObserver& observer,
                               const Composition& composition, const Event& event, bool send) {
  ObserverReport report;
  report.name = settings.name;
  report.why = passed_over(settings, event);
  if (!report.why.empty()) return report;
  if (settings.when.empty()) {
    report.matches = true;
    report.why = "it has no condition";
  } else {
    const Result<condition::Condition> condition = condition::Condition::parse(settings.when);
    const condition::Outcome outcome = condition->evaluate(event);
    report.matches = outcome.fires();
    report.explanation = condition->explain(event);
    report.why = outcome.truth == condition::Truth::Error ? outcome.error.to_string()
                 : report.matches                         ? "its condition is true"
                                                          : "its condition is false";
  }
  for (std::size_t i = 0; report.matches && i < observer.actions.size(); ++i) {
    report.actions.push_back(report_action(observer, observer.actions[i], composition,
                                           settings.actions[i].module, event, send));
  }
  return report;
}

json::Value sent_json(const Sent& sent) {
  return json::Value::object(
      {{"outcome", json::Value::string(std::string(plugin::outcome_name(sent.result.outcome)))},
       {"code", text_or_null(sent.result.code)},
       {"message", text_or_null(sent.result.message)},
       {"remote_id", text_or_null(sent.result.remote_id)},
       {"took_ms", json::Value::integer(sent.took.count())}});
}

json::Value to_json(const ObserverReport& report) {
  json::Value actions = json::Value::array();
  for (const ActionReport& action : report.actions) {
    const Result<json::Value> rendered =
        json::parse(action.rendered.empty() ? "null" : action.rendered, Code::ActionSettings);
    actions.push_back(json::Value::object(
        {{"name", json::Value::string(action.name)},
         {"type", json::Value::string(action.type)},
         {"settings", rendered ? *rendered : json::Value()},
         {"request", text_or_null(action.request)},
         {"sent", action.sent ? sent_json(*action.sent) : json::Value()},
         {"error",
          action.problem.ok() ? json::Value() : json::Value::string(action.problem.to_string())}}));
  }
  return json::Value::object({{"observer", json::Value::string(report.name)},
                              {"matches", json::Value::boolean(report.matches)},
                              {"why", json::Value::string(report.why)},
                              {"explanation", views::explanation_json(report.explanation)},
                              {"actions", std::move(actions)}});
}

void print_indented(std::ostream& out, const std::string& text) {
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    std::string row = text.substr(start, end - start);
    if (!row.empty() && row.back() == '\r') row.pop_back();
    out << "      " << row << '\n';
    start = end + 1;
  }
}

void print_sent(std::ostream& out, const Sent& sent) {
  out << "    " << plugin::outcome_name(sent.result.outcome) << " after " << sent.took.count()
      << " ms";
  if (!sent.result.code.empty()) out << ", " << sent.result.code;
  if (!sent.result.message.empty()) out << ": " << shorten(sent.result.message, 300);
  out << '\n';
}

void print_report(std::ostream& out, const ObserverReport& report) {
  out << report.name << ": " << (report.matches ? "matches" : "does not match") << ", "
      << report.why << '\n';
  print_explanation(out, report.explanation, "    ");
  for (const ActionReport& action : report.actions) {
    out << "  → " << action.name;
    if (action.name != action.type) out << " (" << action.type << ')';
    if (!action.problem.ok()) {
      out << ": " << action.problem.to_string() << '\n';
    } else if (!action.request.empty()) {
      out << (action.sent ? " has sent\n" : " would send\n");
      print_indented(out, action.request);
    } else {
      out << (action.sent ? " got" : " would get") << " the settings\n      " << action.rendered
          << '\n';
    }
    if (action.sent) print_sent(out, *action.sent);
  }
}

}  // namespace

int test_command(const Invocation& invocation) {
  CommandLine line(
      "test --event FILE [--send]",
      "What an event would cause, without sending anything: for every observer of its "
      "entity whether it matches\nand why, and each action as it would be sent, secrets "
      "masked. Exit code 1 when no observer matches, or\nwhen something that was really sent "
      "did not arrive.");
  line.add()("event", boost::program_options::value<std::string>()->value_name("FILE"),
             "a JSON file; - for standard input");
  line.add()("send",
             "really send it, once, under a delivery id of its own; the event says \"test\": true "
             "(a body of your own is sent as it is)");
  if (const auto over = line.parse(invocation)) return *over;
  if (!line.has("event")) return usage_error(invocation, "test --event FILE", "--event is needed");
  const auto configuration = load_configuration(
      invocation, line, {"plugins", "defaults", "entities", "runtime", "observers"});
  if (!configuration) return kConfiguration;
  Diagnostics diagnostics;
  telemetry::Log log({telemetry::Level::Warn, false});
  LoggedHostServices services(log);
  const auto composition = compose(*configuration, invocation.environment, services, diagnostics);
  print(invocation, diagnostics);
  if (!composition) return kConfiguration;
  const Result<Event> event = read_event(line.text("event"));
  if (!event) return fail(invocation, event.status());

  const bool send = line.has("send");
  for (const Composition::OpenModule& module : composition->modules) {
    if (!send) break;
    if (const Status status = module.module->start(); !status.ok()) return fail(invocation, status);
  }
  std::vector<ObserverReport> reports;
  bool any = false, arrived = true;
  for (std::size_t i = 0; i < configuration->settings.observers.size(); ++i) {
    const config::ObserverSettings& settings = configuration->settings.observers[i];
    if (settings.entity != "*" && settings.entity != event->entity) continue;
    reports.push_back(
        report_observer(settings, composition->plan->observers[i], *composition, *event, send));
    any = any || reports.back().matches;
    for (const ActionReport& action : reports.back().actions) {
      arrived =
          arrived &&
          (!send || (action.sent && action.sent->result.outcome == plugin::Outcome::Delivered));
    }
  }
  if (line.json()) {
    json::Value list = json::Value::array();
    for (const ObserverReport& report : reports) list.push_back(to_json(report));
    print_json(invocation.out, json::Value::object({{"entity", json::Value::string(event->entity)},
                                                    {"matched", json::Value::boolean(any)},
                                                    {"observers", std::move(list)}}));
  } else {
    for (const ObserverReport& report : reports) print_report(invocation.out, report);
    if (!any) {
      invocation.out << Status::error(Code::NoMatch, reports.empty()
                                                         ? "no observer watches the entity \"" +
                                                               event->entity + "\""
                                                         : "no observer matches this event")
                            .to_string()
                     << '\n';
    }
  }
  for (const Composition::OpenModule& module : composition->modules) {
    if (send) module.module->stop();
  }
  return any && arrived ? kDone : kNegative;
}

}  // namespace observerd::app
