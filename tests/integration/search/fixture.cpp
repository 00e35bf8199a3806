#include "fixture.hpp"

#include "base/uuid.hpp"

namespace observerd::testing {

Delivery change(const std::string& kind, const std::string& id, std::uint64_t order,
                const std::string& row) {
  Delivery delivery;
  const bool is_delete = kind == "delete";
  delivery.event = R"({"event_id":"e1","kind":")" + kind + R"(","entity":"Order","id":)" +
                   json::quote(id) + R"(,"type":"Order.)" + kind +
                   R"(","time":"2026-01-31T12:00:00.123456Z","user":null,"new":)" +
                   (is_delete ? "null" : row) + R"(,"old":)" + (is_delete ? row : "null") + "}";
  delivery.id = Uuid::v5(Uuid{}, id + " " + std::to_string(order)).to_string();
  delivery.order = order;
  return delivery;
}

std::string member(const std::string& name, const std::string& value) {
  return ", " + json::quote(name) + ": " + json::quote(value);
}

std::vector<std::string> summaries(const std::vector<plugin::ItemResult>& results) {
  std::vector<std::string> out;
  for (const auto& result : results) out.push_back(summary(result));
  return out;
}

}  // namespace observerd::testing
