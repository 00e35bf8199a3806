#include <algorithm>

#include "app/admin_call.hpp"
#include "app/control_requests.hpp"
#include "app/views/hosts_view.hpp"
#include "app/views/observer_changes.hpp"
#include "app/views/plugins_view.hpp"
#include "app/views/status_view.hpp"
#include "base/strings.hpp"

/// The half of the API that is about what runs: status, hosts, lanes, observers, plugins.
namespace observerd::app {
namespace {

using admin::Answer;
using admin::ApiRequest;
using admin::Endpoint;
using admin::Method;

/// What hosts are given to answer; inside the time that the server gives an exchange.
constexpr Milliseconds kResumePatience{5000};
constexpr Milliseconds kReloadPatience{20'000};

/// A list of everything, of which "limit" gives the first: its views have no query of their own.
template <typename Read>
Endpoint look_at_all(const AdminContext& context, std::string path, std::string summary,
                     Read read) {
  return {Method::Get,
          std::move(path),
          std::move(summary),
          {"limit"},
          [context, read](const ApiRequest& request) {
            AdminCall call(request, {}, context.clock.now());
            const int most = call.arguments().number("limit", 0, 1, 1'000'000);
            if (!call.ok()) return call.bad();
            return with_database(context, [&](postgres::Connection& connection) {
              Result<json::Value> list = read(connection);
              const auto limit = static_cast<std::size_t>(most);
              if (list && most > 0 && list->items().size() > limit) list->items().resize(limit);
              return Answer::of(std::move(list));
            });
          }};
}

/// What every living host answered to `verb`; `done` names the member that says whether it did.
Answer ask(const AdminContext& context, const std::string& verb, const std::string& argument,
           const char* done, Milliseconds patience) {
  return with_database(context, [&](postgres::Connection& connection) {
    const Result<Answers> answers = ask_hosts(connection, verb, argument, patience);
    if (!answers) return Answer::problem(answers.status());
    bool any = false;
    json::Value hosts = json::Value::array();
    const auto add = [&](const std::string& host, bool ok, const std::string& text) {
      any = any || ok;
      hosts.push_back(json::Value::object({{"host", json::Value::string(host)},
                                           {done, json::Value::boolean(ok)},
                                           {"answer", json::Value::string(text)}}));
    };
    for (const store::Answer& one : answers->answers) add(one.host_name, one.ok, one.text);
    for (const std::string& host : answers->silent) add(host, false, "did not answer in time");
    json::Value document = json::Value::object();
    if (!argument.empty()) {
      document.set("lane", json::Value::string(argument));
      document.set(done, json::Value::boolean(any));
    }
    document.set("hosts", std::move(hosts));
    return Answer::ok(std::move(document));
  });
}

/// Pauses or resumes each of "names"; resuming also what has left the configuration.
Answer change_observers(const AdminContext& context, const ApiRequest& request, bool pause) {
  AdminCall call(
      request,
      pause ? std::vector<std::string>{"names", "reason"} : std::vector<std::string>{"names"},
      context.clock.now());
  const std::vector<std::string> names = call.strings("names");
  if (names.empty()) call.arguments().problem("\"names\" is needed: a list of NAME or NAME/ACTION");
  const auto settings = context.settings();
  for (const std::string& name : names) {
    const std::string problem = pause ? views::problem_of_target(name, *settings) : "";
    if (!problem.empty()) call.arguments().problem(problem);
  }
  if (!call.ok()) return call.bad();
  const std::string reason = call.arguments().text("reason");
  return with_database(context, [&](postgres::Connection& connection) {
    const auto changes = pause ? views::pause_observers(connection, names, reason)
                               : views::resume_observers(connection, names);
    if (!changes) return Answer::problem(changes.status());
    return Answer::ok(views::to_json(*changes));
  });
}

void add_changes(const AdminContext& context, std::vector<Endpoint>& out) {
  out.push_back(
      {Method::Post,
       "observers/pause",
       "hold deliveries: {\"names\": [\"NAME[/ACTION]\"], \"reason\": \"…\"}",
       {},
       [context](const ApiRequest& request) { return change_observers(context, request, true); }});
  out.push_back(
      {Method::Post,
       "observers/resume",
       "let them go: {\"names\": […]}",
       {},
       [context](const ApiRequest& request) { return change_observers(context, request, false); }});
  out.push_back({Method::Post,
                 "lanes/resume",
                 "close a breaker at once: {\"lane\": \"NAME\"}",
                 {},
                 [context](const ApiRequest& request) {
                   AdminCall call(request, {"lane"}, context.clock.now());
                   const std::string lane = call.arguments().text("lane");
                   if (lane.empty()) call.arguments().problem("\"lane\" is needed");
                   if (!call.ok()) return call.bad();
                   return ask(context, "resume_lane", lane, "resumed", kResumePatience);
                 }});
  out.push_back({Method::Post,
                 "activate",
                 "this host's configuration is the one that counts for all",
                 {},
                 [context](const ApiRequest& request) {
                   AdminCall call(request, {}, context.clock.now());
                   if (!call.ok()) return call.bad();
                   return with_database(context, [&](postgres::Connection& connection) {
                     return Answer::of(views::activate(connection, context.fingerprint()));
                   });
                 }});
  out.push_back({Method::Post,
                 "reload",
                 "every host takes up its configuration anew",
                 {},
                 [context](const ApiRequest& request) {
                   AdminCall call(request, {}, context.clock.now());
                   if (!call.ok()) return call.bad();
                   return ask(context, "reload", "", "reloaded", kReloadPatience);
                 }});
}

}  // namespace

void add_live_endpoints(const AdminContext& context, std::vector<Endpoint>& out) {
  out.push_back(look(context, "status", "how delivery is going",
                     [context](postgres::Connection& connection) -> Result<json::Value> {
                       const auto report = views::read_status(connection, context.settings().get());
                       if (!report) return report.status();
                       return views::to_json(*report);
                     }));
  out.push_back(
      look(context, "hosts", "who runs, and with which configuration", views::list_hosts));
  out.push_back(look_at_all(context, "lanes",
                            "destinations: queue, in flight, breaker, what is parked",
                            views::list_lanes));
  out.push_back(look_at_all(context, "observers", "live state and counters",
                            [context](postgres::Connection& connection) {
                              return views::list_observers(connection, *context.settings());
                            }));
  out.push_back(tell("plugins", "what is loaded, and what is faulty and why",
                     [context] { return views::list_plugins(*context.plugins()); }));
  out.push_back({Method::Get,
                 "plugins/{type}",
                 "one, with its schemas",
                 {},
                 [context](const ApiRequest& request) {
                   const Result<json::Value> shown =
                       views::show_plugin(*context.plugins(), request.path.at("type"));
                   return shown ? Answer::ok(*shown) : Answer::problem(404, shown.status());
                 }});
  add_changes(context, out);
}

std::vector<Endpoint> admin_endpoints(const AdminContext& context) {
  std::vector<Endpoint> out;
  add_live_endpoints(context, out);
  add_configured_endpoints(context, out);
  add_stored_endpoints(context, out);
  return out;
}

}  // namespace observerd::app
