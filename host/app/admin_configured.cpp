#include "app/admin_call.hpp"
#include "app/input.hpp"
#include "app/views/captures_view.hpp"
#include "app/views/configuration_view.hpp"
#include "app/views/evaluation_view.hpp"
#include "app/views/help_view.hpp"
#include "base/strings.hpp"

/// The part of the API about what is configured: to be shown, checked and tried.
namespace observerd::app {
namespace {

using admin::Answer;
using admin::ApiRequest;
using admin::Endpoint;
using admin::Method;

/// The member "event", an object.
Result<Event> read_event(AdminCall& call, const ApiRequest& request) {
  const json::Value* event = request.body.find("event");
  if (event == nullptr || !event->is_object()) {
    call.arguments().problem("\"event\" is needed: an object");
    return Event();
  }
  Result<Event> read = read_event_text(json::write(*event));
  if (read) return read;
  // Lines and columns would be those of a text that nobody has seen.
  Status status = read.status();
  Place place;
  place.pointer = "/event" + status.place().pointer;
  return std::move(status).at(place);
}

/// {"condition": "TEXT", "event": {…}}
Answer evaluate(const AdminContext& context, const ApiRequest& request) {
  AdminCall call(request, {"condition", "event"}, context.clock.now());
  const std::string text = call.arguments().text("condition");
  if (text.empty()) call.arguments().problem("\"condition\" is needed: a text");
  const Result<Event> event = read_event(call, request);
  if (!call.ok()) return call.bad();
  const Result<condition::Condition> condition = condition::Condition::parse(text);
  if (!condition) return Answer::problem(condition.status());
  if (!event) return Answer::problem(event.status());
  return Answer::ok(views::evaluation(*condition, *event, condition->evaluate(*event)));
}

/// What an own command that prints JSON has to say.
Answer answer_of(const std::string& command, const OwnCommands::Finished& done) {
  if (!done.problem.empty()) {
    return Answer::problem(503, Status::error(Code::Ok, command + ": " + done.problem));
  }
  Result<json::Value> document = json::parse(done.out, Code::Configuration);
  if (document) return Answer::ok(std::move(*document));
  // A command that fails prints its errors only, a line each.
  const bool configuration = done.exit == 3;
  Status status =
      configuration
          ? Status::error(Code::Configuration,
                          "the configuration files cannot be used as they are; POST "
                          "/api/v1/check says more")
          : Status::error(Code::Ok, command + " ended with exit code " + std::to_string(done.exit));
  for (std::size_t start = 0; start < done.err.size();) {
    const std::size_t end = std::min(done.err.find('\n', start), done.err.size());
    std::string line = done.err.substr(start, end - start);
    if (line.starts_with("OB0")) status.note(std::move(line));
    start = end + 1;
  }
  return Answer::problem(configuration ? 422 : 500, status);
}

OwnCommands::Finished run(const AdminContext& context, std::vector<std::string> words,
                          std::string_view input) {
  // The main file comes first.
  words.insert(words.end(), {"--json", "--config", context.configuration()->sources.file(0)});
  return context.commands.run(words, input);
}

/// {"online": true}
Answer check(const AdminContext& context, const ApiRequest& request) {
  AdminCall call(request, {"online"}, context.clock.now());
  std::vector<std::string> words = {"check"};
  if (call.flag("online")) words.emplace_back("--online");
  if (!call.ok()) return call.bad();
  return answer_of("check", run(context, std::move(words), ""));
}

/// {"event": {…}}. Never --send.
Answer test(const AdminContext& context, const ApiRequest& request) {
  AdminCall call(request, {"event"}, context.clock.now());
  const Result<Event> event = read_event(call, request);
  if (!call.ok()) return call.bad();
  if (!event) return Answer::problem(event.status());
  return answer_of(
      "test", run(context, {"test", "--event", "-"}, json::write(*request.body.find("event"))));
}

void add_help(std::vector<Endpoint>& out) {
  out.push_back(tell("help", "what each error number means", [] { return views::error_help(""); }));
  out.push_back(
      {Method::Get, "help/{code}", "one of them, as a list", {}, [](const ApiRequest& request) {
         const std::string& code = request.path.at("code");
         json::Value list = views::error_help(code);
         if (!code.empty() && !list.items().empty()) return Answer::ok(std::move(list));
         return Answer::not_found("there is no error number \"" + code +
                                  "\"; they go from OB001 to OB020");
       }});
}

}  // namespace

void add_configured_endpoints(const AdminContext& context, std::vector<Endpoint>& out) {
  out.push_back(
      tell("config", "the merged configuration that runs, with origins, secrets masked", [context] {
        return views::show_configuration(*context.configuration(), *context.plugins());
      }));
  out.push_back(tell("schema", "the configuration's JSON Schema, for editors",
                     [context] { return views::configuration_schema(*context.plugins()); }));
  out.push_back(
      look(context, "captures", "which tables are captured, and as what", views::list_captures));
  out.push_back({Method::Post,
                 "check",
                 "everything about the configuration files: {\"online\": true}",
                 {},
                 [context](const ApiRequest& request) { return check(context, request); }});
  out.push_back({Method::Post,
                 "eval",
                 "one condition against one event: {\"condition\": \"…\", \"event\": {…}}",
                 {},
                 [context](const ApiRequest& request) { return evaluate(context, request); }});
  out.push_back({Method::Post,
                 "test",
                 "what an event would cause, sending nothing: {\"event\": {…}}",
                 {},
                 [context](const ApiRequest& request) { return test(context, request); }});
  add_help(out);
}

}  // namespace observerd::app
