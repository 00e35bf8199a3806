#include "app/host_state.hpp"

#include "app/output.hpp"

namespace observerd::app {
namespace {

/// A row of observer.hosts is rewritten each second: an installation with very many destinations
/// shows those where something is going on.
constexpr std::size_t kLanesShown = 500;
constexpr std::size_t kFieldsShown = 100;

bool is_quiet(const delivery::LaneState& lane) {
  return lane.queued == 0 && lane.in_flight == 0 &&
         lane.breaker == delivery::BreakerState::Closed && lane.throttled_for.count() == 0;
}

template <typename Number>
json::Value whole(Number number) {
  return json::Value::integer(static_cast<std::int64_t>(number));
}

json::Value to_json(const delivery::LaneState& lane) {
  return json::Value::object({{"name", json::Value::string(lane.name)},
                              {"type", json::Value::string(lane.type)},
                              {"module", text_or_null(lane.module)},
                              {"queued", whole(lane.queued)},
                              {"in_flight", whole(lane.in_flight)},
                              {"limit", whole(lane.limit)},
                              {"breaker", json::Value::string(state_name(lane.breaker))},
                              {"failures", whole(lane.failures)},
                              {"breaker_for_ms", whole(lane.breaker_for.count())},
                              {"throttled_for_ms", whole(lane.throttled_for.count())},
                              {"rate_wait_ms", whole(lane.rate_wait.count())}});
}

json::Value to_json(const delivery::ObserverCounts& counts) {
  return json::Value::object({{"name", json::Value::string(counts.observer)},
                              {"matched", whole(counts.matched)},
                              {"delivered", whole(counts.delivered)},
                              {"failed", whole(counts.failed)},
                              {"condition_errors", whole(counts.condition_errors)},
                              {"last_condition_error", text_or_null(counts.last_condition_error)}});
}

}  // namespace

json::Value to_json(const HostState& state) {
  json::Value lanes = json::Value::array();
  const auto add = [&](bool quiet) {
    for (const delivery::LaneState& lane : state.lanes) {
      if (lanes.items().size() < kLanesShown && is_quiet(lane) == quiet) {
        lanes.push_back(to_json(lane));
      }
    }
  };
  add(false);
  add(true);
  json::Value observers = json::Value::array();
  for (const delivery::ObserverCounts& counts : state.observers) {
    observers.push_back(to_json(counts));
  }
  json::Value missing = json::Value::array();
  for (const matcher::MissingPath& path : state.missing_fields) {
    if (missing.items().size() >= kFieldsShown) break;
    missing.push_back(json::Value::object({{"entity", json::Value::string(path.entity)},
                                           {"field", json::Value::string(path.path)},
                                           {"missing", whole(path.missing)},
                                           {"events", whole(path.events)}}));
  }
  std::size_t loaded = 0;
  json::Value faulty = json::Value::array(), replaced = json::Value::array();
  for (const auto& entry : state.plugins->entries()) {
    if (entry->restart_needed) replaced.push_back(json::Value::string(entry->path.string()));
    if (entry->state == plugin::State::Loaded) {
      ++loaded;
    } else {
      faulty.push_back(json::Value::string(entry->reason.message()));
    }
  }
  return json::Value::object({{"plugins_loaded", whole(loaded)},
                              {"plugins_faulty", std::move(faulty)},
                              {"plugins_replaced", std::move(replaced)},
                              {"lanes", std::move(lanes)},
                              {"observers", std::move(observers)},
                              {"missing_fields", std::move(missing)},
                              {"dropped", whole(state.dropped)},
                              {"stalled", text_or_null(state.stalled)}});
}

}  // namespace observerd::app
