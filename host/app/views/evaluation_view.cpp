#include "app/views/evaluation_view.hpp"

namespace observerd::app::views {

const char* answer_of(const condition::Outcome& outcome) {
  if (outcome.truth == condition::Truth::Error) return "error";
  return outcome.fires() ? "true" : "false";
}

json::Value evaluation(const condition::Condition& condition, const Event& event,
                       const condition::Outcome& outcome) {
  const bool is_error = outcome.truth == condition::Truth::Error;
  return json::Value::object(
      {{"result", json::Value::string(answer_of(outcome))},
       {"error", is_error ? json::Value::string(outcome.error.to_string()) : json::Value()},
       {"condition", json::Value::string(condition.to_string())},
       {"explanation", explanation_json(condition.explain(event))}});
}

json::Value explanation_json(const std::vector<condition::Explained>& lines) {
  json::Value list = json::Value::array();
  for (const condition::Explained& line : lines) {
    list.push_back(json::Value::object({{"depth", json::Value::integer(line.depth)},
                                        {"expression", json::Value::string(line.expression)},
                                        {"value", json::Value::string(line.value)}}));
  }
  return list;
}

}  // namespace observerd::app::views
