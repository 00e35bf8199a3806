#include "app/views/hosts_view.hpp"

#include <algorithm>
#include <map>

#include "app/output.hpp"
#include "store/control.hpp"
#include "store/parked_lanes.hpp"

namespace observerd::app::views {
namespace {

std::int64_t count(const json::Value& object, std::string_view name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_number() ? std::stoll(value->text()) : 0;
}

json::Value whole(std::int64_t value) {
  return json::Value::integer(value);
}

/// The members of an array of a host's state; nothing when it has none.
const std::vector<json::Value>& list_of(const store::HostRow& host, std::string_view name) {
  static const std::vector<json::Value> kNone;
  const json::Value* list = host.report.state.is_object() ? host.report.state.find(name) : nullptr;
  return list != nullptr && list->is_array() ? list->items() : kNone;
}

json::Value parked_json(const store::ParkedLane& parked) {
  return json::Value::object({{"due", whole(parked.due)},
                              {"behind", whole(parked.behind)},
                              {"held", whole(parked.held)},
                              {"orphaned", whole(parked.orphaned)},
                              {"reason", text_or_null(parked.reason)},
                              {"earliest_due", text_or_null(parked.earliest_due)}});
}

/// Sums of what the living hosts counted for one observer.
struct Counters {
  std::int64_t matched = 0, delivered = 0, failed = 0, condition_errors = 0;
  std::string last_condition_error;
};

std::map<std::string, Counters> sum_counters(const std::vector<store::HostRow>& hosts) {
  std::map<std::string, Counters> sums;
  for (const store::HostRow& host : hosts) {
    if (!host.alive) continue;
    for (const json::Value& one : list_of(host, "observers")) {
      Counters& sum = sums[one.string_or("name")];
      sum.matched += count(one, "matched");
      sum.delivered += count(one, "delivered");
      sum.failed += count(one, "failed");
      sum.condition_errors += count(one, "condition_errors");
      const std::string error = one.string_or("last_condition_error");
      if (!error.empty()) sum.last_condition_error = error;
    }
  }
  return sums;
}

/// What the living hosts found missing in rows of one entity, summed by field.
json::Value missing_fields(const std::vector<store::HostRow>& hosts, const std::string& entity) {
  std::map<std::string, std::pair<std::int64_t, std::int64_t>> fields;
  for (const store::HostRow& host : hosts) {
    if (!host.alive) continue;
    for (const json::Value& one : list_of(host, "missing_fields")) {
      if (one.string_or("entity") != entity) continue;
      auto& [missing, events] = fields[one.string_or("field")];
      missing += count(one, "missing");
      events += count(one, "events");
    }
  }
  json::Value list = json::Value::array();
  for (const auto& [field, counts] : fields) {
    list.push_back(json::Value::object({{"field", json::Value::string(field)},
                                        {"missing", whole(counts.first)},
                                        {"events", whole(counts.second)}}));
  }
  return list;
}

/// Adds the texts of an array to those that several hosts say the same of.
void add_new(const std::vector<json::Value>& texts, std::vector<std::string>& out) {
  for (const json::Value& one : texts) {
    if (std::find(out.begin(), out.end(), one.text()) == out.end()) out.push_back(one.text());
  }
}

}  // namespace

HostSums sum_hosts(const std::vector<store::HostRow>& hosts) {
  HostSums sums;
  for (const store::HostRow& host : hosts) {
    if (!host.alive) continue;
    for (const json::Value& lane : list_of(host, "lanes")) {
      ++sums.lanes;
      if (lane.string_or("breaker") == "open") ++sums.open;
      sums.queued += count(lane, "queued");
      sums.in_flight += count(lane, "in_flight");
    }
    for (const json::Value& observer : list_of(host, "observers")) {
      sums.condition_errors += count(observer, "condition_errors");
    }
    if (!host.report.state.is_object()) continue;
    sums.dropped += count(host.report.state, "dropped");
    sums.plugins = std::max(sums.plugins, count(host.report.state, "plugins_loaded"));
    add_new(list_of(host, "plugins_faulty"), sums.faulty);
    add_new(list_of(host, "plugins_replaced"), sums.replaced);
  }
  return sums;
}

Result<bool> any_host_runs(postgres::Connection& connection) {
  const auto hosts = store::Control(connection).hosts();
  if (!hosts) return hosts.status();
  return std::any_of(hosts->begin(), hosts->end(),
                     [](const store::HostRow& host) { return host.alive; });
}

Result<json::Value> list_hosts(postgres::Connection& connection) {
  store::Control control(connection);
  const auto hosts = control.hosts();
  if (!hosts) return hosts.status();
  const auto active = control.active();
  if (!active) return active.status();
  json::Value list = json::Value::array();
  for (const store::HostRow& host : *hosts) {
    list.push_back(json::Value::object(
        {{"name", json::Value::string(host.report.name)},
         {"version", json::Value::string(host.report.version)},
         {"alive", json::Value::boolean(host.alive)},
         {"active", json::Value::boolean(host.report.fingerprint == *active)},
         {"problem", text_or_null(host.report.problem)},
         {"started_at", json::Value::string(host.started_at)},
         {"seen_at", json::Value::string(host.seen_at)},
         {"dropped",
          whole(host.report.state.is_object() ? count(host.report.state, "dropped") : 0)}}));
  }
  return list;
}

Result<json::Value> activate(postgres::Connection& connection, const std::string& fingerprint) {
  store::Control control(connection);
  if (Status status = control.activate(fingerprint); !status.ok()) return status;
  const auto hosts = control.hosts();
  if (!hosts) return hosts.status();
  json::Value list = json::Value::array();
  for (const store::HostRow& host : *hosts) {
    if (!host.alive) continue;
    list.push_back(json::Value::object(
        {{"host", json::Value::string(host.report.name)},
         {"active", json::Value::boolean(host.report.fingerprint == fingerprint)}}));
  }
  return json::Value::object(
      {{"fingerprint", json::Value::string(fingerprint)}, {"hosts", std::move(list)}});
}

Result<json::Value> list_lanes(postgres::Connection& connection) {
  const auto hosts = store::Control(connection).hosts();
  if (!hosts) return hosts.status();
  const auto parked = store::parked_lanes(connection);
  if (!parked) return parked.status();
  struct Lane {
    json::Value hosts = json::Value::array();
    store::ParkedLane parked;
  };
  std::map<std::string, Lane> lanes;
  for (const store::HostRow& host : *hosts) {
    if (!host.alive) continue;
    for (const json::Value& one : list_of(host, "lanes")) {
      json::Value here = json::Value::object({{"host", json::Value::string(host.report.name)}});
      for (const char* name : {"queued", "in_flight", "limit", "breaker", "failures",
                               "breaker_for_ms", "throttled_for_ms", "rate_wait_ms"}) {
        if (const json::Value* value = one.find(name)) here.set(name, *value);
      }
      lanes[one.string_or("name")].hosts.push_back(std::move(here));
    }
  }
  for (const store::ParkedLane& one : *parked) lanes[one.lane].parked = one;
  json::Value list = json::Value::array();
  for (auto& [name, lane] : lanes) {
    list.push_back(json::Value::object({{"name", text_or_null(name)},
                                        {"hosts", std::move(lane.hosts)},
                                        {"parked", parked_json(lane.parked)}}));
  }
  return list;
}

Result<json::Value> list_observers(postgres::Connection& connection,
                                   const config::Settings& settings) {
  store::Control control(connection);
  const auto hosts = control.hosts();
  if (!hosts) return hosts.status();
  const auto pauses = control.pauses();
  if (!pauses) return pauses.status();
  const std::map<std::string, Counters> sums = sum_counters(*hosts);
  json::Value list = json::Value::array();
  for (const config::ObserverSettings& observer : settings.observers) {
    json::Value actions = json::Value::array();
    for (const config::ActionSettings& action : observer.actions) {
      actions.push_back(json::Value::object({{"name", json::Value::string(action.name)},
                                             {"type", json::Value::string(action.type)}}));
    }
    json::Value paused = json::Value::array();
    for (const store::PauseRow& pause : *pauses) {
      if (pause.observer != observer.name) continue;
      paused.push_back(json::Value::object({{"action", text_or_null(pause.action)},
                                            {"cause", json::Value::string(pause.cause)},
                                            {"reason", text_or_null(pause.reason)},
                                            {"since", json::Value::string(pause.since)}}));
    }
    json::Value kinds = json::Value::array();
    for (const EventKind kind : observer.events) {
      kinds.push_back(json::Value::string(std::string(kind_name(kind))));
    }
    const auto found = sums.find(observer.name);
    const Counters counters = found == sums.end() ? Counters{} : found->second;
    list.push_back(
        json::Value::object({{"name", json::Value::string(observer.name)},
                             {"entity", json::Value::string(observer.entity)},
                             {"events", std::move(kinds)},
                             {"when", text_or_null(observer.when)},
                             {"enabled", json::Value::boolean(observer.enabled)},
                             {"actions", std::move(actions)},
                             {"paused", std::move(paused)},
                             {"matched", whole(counters.matched)},
                             {"delivered", whole(counters.delivered)},
                             {"failed", whole(counters.failed)},
                             {"condition_errors", whole(counters.condition_errors)},
                             {"last_condition_error", text_or_null(counters.last_condition_error)},
                             {"missing_fields", missing_fields(*hosts, observer.entity)}}));
  }
  return list;
}

}  // namespace observerd::app::views
