#include "admin/endpoint.hpp"

namespace observerd::admin {
namespace {

int http_status(Code code) {
  switch (code) {
    case Code::Database:
    case Code::Listener:
    case Code::Storage:
      return 503;
    case Code::NoMatch:
      return 404;
    case Code::DeadLetterQueue:
    case Code::LeaseLost:
      return 409;
    case Code::Configuration:
    case Code::ConditionSyntax:
    case Code::ConditionEvaluation:
    case Code::ActionSettings:
    case Code::Template:
    case Code::UnknownActionType:
    case Code::BadEvent:
      return 422;
    default:
      return 500;
  }
}

}  // namespace

std::string ApiRequest::query_or(std::string_view name, std::string fallback) const {
  const auto found = query.find(name);
  return found == query.end() ? std::move(fallback) : found->second;
}

Answer Answer::problem(int http_status, const Status& status) {
  json::Value notes = json::Value::array();
  for (const std::string& note : status.notes()) notes.push_back(json::Value::string(note));
  json::Value error = json::Value::object();
  error.set("code", status.ok() ? json::Value() : json::Value::string(code_name(status.code())));
  error.set("message", json::Value::string(status.message()));
  error.set("place", status.place().empty() ? json::Value()
                                            : json::Value::string(status.place().to_string()));
  error.set("notes", std::move(notes));
  return {http_status, json::Value::object({{"error", std::move(error)}})};
}

Answer Answer::problem(const Status& status) {
  return problem(http_status(status.code()), status);
}

Answer Answer::bad_request(const std::string& message) {
  return problem(400, Status::error(Code::Ok, message));
}

Answer Answer::not_found(const std::string& message) {
  return problem(404, Status::error(Code::Ok, message));
}

Answer Answer::of(Result<json::Value> result) {
  return result ? ok(std::move(*result)) : problem(result.status());
}

}  // namespace observerd::admin
