#include "app/views/captures_view.hpp"

namespace observerd::app::views {

std::vector<std::string> served(const capture::Pushdown& pushdown, EventKind kind) {
  std::vector<std::string> names;
  for (const capture::Share& share : pushdown.shares) {
    if (share.kind == kind) names.push_back(share.observer);
  }
  return names;
}

json::Value filters_json(const capture::Pushdown& pushdown) {
  json::Value filters = json::Value::array();
  if (!pushdown.pushed) return filters;
  for (const EventKind kind : capture::kChangeKinds) {
    json::Value observers = json::Value::array();
    for (const std::string& name : served(pushdown, kind)) {
      observers.push_back(json::Value::string(name));
    }
    filters.push_back(
        json::Value::object({{"kind", json::Value::string(std::string(kind_name(kind)))},
                             {"predicate", json::Value::string(pushdown.filter(kind).sql())},
                             {"observers", std::move(observers)}}));
  }
  return filters;
}

json::Value to_json(const capture::Captured& captured) {
  json::Value key = json::Value::array();
  for (const std::string& column : captured.key) key.push_back(json::Value::string(column));
  return json::Value::object(
      {{"table", json::Value::string(captured.table)},
       {"entity", json::Value::string(captured.entity)},
       {"key", std::move(key)},
       {"on_error",
        json::Value::string(captured.on_error == capture::OnError::Skip ? "skip" : "abort")},
       {"mode", json::Value::string(captured.mode)},
       {"enabled", json::Value::boolean(captured.enabled)}});
}

json::Value to_json(const std::vector<capture::Captured>& captured) {
  json::Value list = json::Value::array();
  for (const capture::Captured& one : captured) {
    json::Value entry = to_json(one);
    entry.set("filters", filters_json(one.pushdown));
    list.push_back(std::move(entry));
  }
  return list;
}

Result<json::Value> list_captures(postgres::Connection& connection) {
  const auto captured = capture::list(connection);
  if (!captured) return captured.status();
  return to_json(*captured);
}

}  // namespace observerd::app::views
