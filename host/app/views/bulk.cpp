#include "app/views/bulk.hpp"

namespace observerd::app::views {

void Bulk::add(const std::vector<store::Change>& changes) {
  for (const store::Change& change : changes) {
    if (change.done) {
      done.push_back(change.id);
    } else {
      refused.push_back(change);
    }
  }
}

json::Value to_json(const store::Change& change) {
  return json::Value::object({{"id", json::Value::string(change.id.to_string())},
                              {"done", json::Value::boolean(change.done)},
                              {"why_not", text_or_null(change.why_not)}});
}

json::Value to_json(const std::vector<store::Change>& changes) {
  json::Value list = json::Value::array();
  for (const store::Change& change : changes) list.push_back(to_json(change));
  return list;
}

json::Value to_json(const Bulk& bulk) {
  return json::Value::object(
      {{"dry_run", json::Value::boolean(bulk.dry_run)},
       {"selected", json::Value::integer(bulk.selected)},
       {"done", json::Value::integer(static_cast<std::int64_t>(bulk.done.size()))},
       {"refused", to_json(bulk.refused)}});
}

json::Value id_or_null(const std::optional<Uuid>& id) {
  return id ? json::Value::string(id->to_string()) : json::Value();
}

}  // namespace observerd::app::views
