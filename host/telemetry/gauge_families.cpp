#include <prometheus/metric_family.h>

#include <initializer_list>
#include <map>
#include <string>
#include <utility>

#include "telemetry/families.hpp"

namespace observerd::telemetry {
namespace {

using Label = prometheus::ClientMetric::Label;

class GaugeFamily {
 public:
  GaugeFamily(std::string name, std::string help) {
    family_.name = std::move(name);
    family_.help = std::move(help);
    family_.type = prometheus::MetricType::Gauge;
  }
  void add(double value, std::initializer_list<Label> labels = {}) {
    prometheus::ClientMetric& metric = family_.metric.emplace_back();
    metric.label = labels;
    metric.gauge.value = value;
  }
  void add(std::int64_t value, std::initializer_list<Label> labels = {}) {
    add(static_cast<double>(value), labels);
  }
  void append_to(Families& out) && {
    if (!family_.metric.empty()) out.push_back(std::move(family_));
  }

 private:
  prometheus::MetricFamily family_;
};

void append_one(Families& out, const char* name, const char* help, double value) {
  GaugeFamily family(name, help);
  family.add(value);
  std::move(family).append_to(out);
}

void append_lanes(const std::vector<LaneGauges>& all, Families& out) {
  GaugeFamily queued("observerd_lane_queued_deliveries", "Deliveries that wait in lanes.");
  GaugeFamily in_flight("observerd_in_flight_deliveries", "Deliveries that are with a plugin.");
  GaugeFamily lanes("observerd_lanes", "Lanes (destinations) by the state of their breaker.");
  for (const LaneGauges& one : all) {
    queued.add(one.queued, {{"type", one.type}});
    in_flight.add(one.in_flight, {{"type", one.type}});
    lanes.add(one.closed, {{"type", one.type}, {"breaker", "closed"}});
    lanes.add(one.half_open, {{"type", one.type}, {"breaker", "half_open"}});
    lanes.add(one.open, {{"type", one.type}, {"breaker", "open"}});
  }
  std::move(queued).append_to(out);
  std::move(in_flight).append_to(out);
  std::move(lanes).append_to(out);
}

void append_plugins(const std::vector<PluginGauge>& plugins, Families& out) {
  GaugeFamily states("observerd_plugin_state", "1 for the state that the action type is in.");
  for (const PluginGauge& plugin : plugins) {
    const bool loaded = plugin.state == PluginState::Loaded;
    states.add(std::int64_t{loaded}, {{"type", plugin.type}, {"state", "loaded"}});
    states.add(std::int64_t{!loaded}, {{"type", plugin.type}, {"state", "faulty"}});
  }
  std::move(states).append_to(out);
}

void append_database(const DatabaseGauges& database, Families& out) {
  append_one(out, "observerd_lag_events", "Events that are committed and not settled.",
             static_cast<double>(database.lag_events));
  append_one(out, "observerd_lag_seconds", "Age of the oldest event that is not settled.",
             database.lag_seconds);
  GaugeFamily retries("observerd_retries", "Deliveries of the retry schedule by state.");
  for (const auto& [state, count] : database.retries) retries.add(count, {{"state", state}});
  std::move(retries).append_to(out);
  GaugeFamily letters("observerd_dead_letters", "Dead letters by status.");
  for (const auto& [status, count] : database.dead_letters) {
    letters.add(count, {{"status", status}});
  }
  std::move(letters).append_to(out);
  GaugeFamily bytes("observerd_outbox_segment_bytes", "Size of a segment of the outbox.");
  std::map<std::string, std::int64_t> states;
  for (const SegmentGauge& segment : database.segments) {
    bytes.add(segment.bytes, {{"segment", segment.name}});
    ++states[segment.state];
  }
  std::move(bytes).append_to(out);
  GaugeFamily segments("observerd_outbox_segments", "Segments of the outbox by state.");
  for (const auto& [state, count] : states) segments.add(count, {{"state", state}});
  std::move(segments).append_to(out);
  append_one(out, "observerd_outbox_oldest_row_seconds",
             "Age of the oldest row that was not reclaimed.", database.oldest_row_seconds);
  append_one(out, "observerd_bad_rows", "Outbox rows that could not be read as events (OB020).",
             static_cast<double>(database.bad_rows));
}

}  // namespace

void append_gauges(const Gauges& gauges, Families& out) {
  append_one(out, "observerd_ready",
             "1 while delivery is moving: every shard is read, and what is under way gets settled.",
             gauges.ready ? 1 : 0);
  append_one(out, "observerd_in_flight_events", "Events that this host has read and not settled.",
             static_cast<double>(gauges.events_in_flight));
  append_one(out, "observerd_shards", "Shards of the database.",
             static_cast<double>(gauges.shards));
  append_one(out, "observerd_shards_owned", "Shards that this host reads.",
             static_cast<double>(gauges.shards_owned));
  append_lanes(gauges.lanes, out);
  append_plugins(gauges.plugins, out);
  append_one(out, "observerd_database_up", "1 when the database answered this scrape.",
             gauges.database ? 1 : 0);
  if (gauges.database) append_database(*gauges.database, out);
}

}  // namespace observerd::telemetry
