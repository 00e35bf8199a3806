#pragma once

#include "app/views/arguments.hpp"
#include "app/views/bulk.hpp"
#include "base/status.hpp"
#include "store/deliveries.hpp"

/// The retry schedule as JSON: what `observerd deliveries … --json` prints and the HTTP API
/// answers. The shapes are in config/schema. One connection, so one thread at a time.
namespace observerd::app::views {

struct DeliveryQuery {
  store::DeliveryFilter filter;
  int limit = 100;            ///< 0: all
  std::optional<Uuid> after;  ///< of a list: goes on behind this one
};
/// state, observer, action, type, entity, id, lane, event, limit, after.
DeliveryQuery read_delivery_query(ArgumentReader& arguments, int default_limit);

json::Value to_json(const store::DeliveryRow& row);
json::Value to_json(const store::DiscardedDelivery& discarded);

Result<json::Value> list_deliveries(postgres::Connection& connection, const DeliveryQuery& query);
/// OB002 when it is not in the schedule; says so when it was discarded lately.
Result<json::Value> show_delivery(postgres::Connection& connection, const Uuid& id);

/// By filter, in bounded transactions; nothing is changed in a dry run.
Result<Bulk> retry_deliveries(postgres::Connection& connection, const DeliveryQuery& query,
                              bool dry_run, const Progress& progress = {});
Result<Bulk> discard_deliveries(postgres::Connection& connection, const DeliveryQuery& query,
                                bool dry_run, const Progress& progress = {});

}  // namespace observerd::app::views
