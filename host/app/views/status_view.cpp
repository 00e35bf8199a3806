#include "app/views/status_view.hpp"

#include <algorithm>
#include <cstdio>

#include "app/output.hpp"
#include "app/uncaptured.hpp"
#include "app/views/hosts_view.hpp"
#include "event/event.hpp"

namespace observerd::app::views {
namespace {

json::Value whole(std::int64_t value) {
  return json::Value::integer(value);
}

json::Value seconds(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3f", value);
  return json::Value::number(text);
}

std::string seconds_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", value);
  return text;
}

/// "" when it has not.
std::string why_stalled(const store::HostRow& host) {
  if (host.silent_seconds > StatusReport::kSilentSeconds) {
    return "it has not shown itself for " + seconds_text(host.silent_seconds);
  }
  return host.report.state.is_object() ? host.report.state.string_or("stalled") : std::string();
}

void summarise(StatusReport& report) {
  std::size_t unheld = 0;
  for (const source::ShardProgress& shard : report.shards) {
    report.waiting += shard.waiting;
    report.unsettled += shard.unsettled;
    report.oldest_seconds = std::max(report.oldest_seconds, shard.oldest_seconds);
    if (!shard.held) ++unheld;
  }
  report.moving = unheld == 0;
  if (unheld > 0) {
    std::string why = report.hosts.empty() ? "is observerd running?" : "see below";
    for (const store::HostRow& host : report.hosts) {
      if (!host.report.problem.empty()) why = host.report.name + ": " + host.report.problem;
    }
    report.problems.push_back(std::to_string(unheld) + " of " +
                              std::to_string(report.shards.size()) +
                              " shards are read by nobody: " + why);
  }
  for (const store::HostRow& host : report.hosts) {
    const std::string why = why_stalled(host);
    if (why.empty()) continue;
    report.moving = false;
    report.problems.push_back(host.report.name + " has stalled: " + why);
  }
  if (report.oldest_seconds > StatusReport::kLongLagSeconds) {
    report.problems.push_back("the oldest event has waited for " +
                              seconds_text(report.oldest_seconds));
  }
  if (report.counts.bad_rows > 0) {
    report.problems.push_back(std::to_string(report.counts.bad_rows) +
                              " outbox rows could not be read as events (OB020)");
  }
  if (report.counts.retries[2] > 0) {
    report.problems.push_back(std::to_string(report.counts.retries[2]) +
                              " deliveries are held: observerd deliveries list --state held");
  }
  const HostSums sums = sum_hosts(report.hosts);
  if (sums.condition_errors > 0) {
    report.problems.push_back("conditions could not be decided " +
                              std::to_string(sums.condition_errors) +
                              " times since the hosts started (OB004): observerd observers list");
  }
  if (sums.open > 0) {
    report.problems.push_back("the circuit of " + std::to_string(sums.open) +
                              " destinations is open: observerd lanes list");
  }
  if (sums.dropped > 0) {
    report.problems.push_back(std::to_string(sums.dropped) +
                              " events were given up because the queues were full (OB011)");
  }
  for (const std::string& plugin : sums.faulty) {
    report.problems.push_back("a plugin cannot be used: " + plugin);
  }
  for (const std::string& plugin : sums.replaced) {
    report.problems.push_back("restart observerd to use the plugin file that was replaced: " +
                              plugin);
  }
}

json::Value to_json(const source::ShardProgress& shard) {
  return json::Value::object({{"shard", whole(shard.shard)},
                              {"epoch", whole(shard.epoch)},
                              {"held", json::Value::boolean(shard.held)},
                              {"holder", text_or_null(shard.holder)},
                              {"waiting", whole(shard.waiting)},
                              {"unsettled", whole(shard.unsettled)},
                              {"oldest_seconds", seconds(shard.oldest_seconds)},
                              {"ledger_written_at", text_or_null(shard.written_at)}});
}

json::Value to_json(const source::Segment& segment) {
  return json::Value::object({{"name", json::Value::string(segment.name)},
                              {"state", json::Value::string(segment_state(segment))},
                              {"bytes", whole(segment.bytes)},
                              {"oldest_seconds", seconds(segment.oldest_seconds)},
                              {"kept_because", text_or_null(segment.kept_because)}});
}

}  // namespace

std::int64_t StatusReport::outbox_bytes() const {
  std::int64_t bytes = 0;
  for (const source::Segment& segment : segments) bytes += segment.bytes;
  return bytes;
}

const char* segment_state(const source::Segment& segment) {
  if (segment.current) return "current";
  if (segment.empty) return "empty";
  return segment.reclaimable ? "reclaimable" : "kept";
}

Result<StatusReport> read_status(postgres::Connection& connection,
                                 const config::Settings* settings) {
  StatusReport report;
  auto shards = source::progress(connection);
  if (!shards) return shards.status();
  auto segments = source::segments(connection);
  if (!segments) return segments.status();
  auto counts = store::counts(connection);
  if (!counts) return counts.status();
  report.shards = std::move(*shards);
  report.segments = std::move(*segments);
  report.counts = *counts;
  auto hosts = store::Control(connection).hosts();
  if (!hosts) return hosts.status();
  for (store::HostRow& host : *hosts) {
    if (host.alive) report.hosts.push_back(std::move(host));
  }
  summarise(report);
  if (settings == nullptr) return report;
  const auto captured = capture::list(connection);
  if (!captured) return captured.status();
  for (const Status& one : uncaptured(*settings, *captured)) {
    report.problems.push_back(one.message() + " (" + one.notes().front() + ")");
  }
  return report;
}

json::Value to_json(const StatusReport& report) {
  json::Value shards = json::Value::array(), segments = json::Value::array(),
              problems = json::Value::array();
  for (const source::ShardProgress& shard : report.shards) shards.push_back(to_json(shard));
  for (const source::Segment& segment : report.segments) segments.push_back(to_json(segment));
  for (const std::string& one : report.problems) problems.push_back(json::Value::string(one));
  const store::StoreCounts& counts = report.counts;
  const HostSums sums = sum_hosts(report.hosts);
  json::Value hosts = json::Value::array(), faulty = json::Value::array(),
              replaced = json::Value::array();
  for (const store::HostRow& host : report.hosts) {
    hosts.push_back(json::Value::object({{"name", json::Value::string(host.report.name)},
                                         {"problem", text_or_null(host.report.problem)}}));
  }
  for (const std::string& one : sums.faulty) faulty.push_back(json::Value::string(one));
  for (const std::string& one : sums.replaced) replaced.push_back(json::Value::string(one));
  return json::Value::object(
      {{"moving", json::Value::boolean(report.moving)},
       {"problems", std::move(problems)},
       {"lag", json::Value::object({{"events", whole(report.waiting + report.unsettled)},
                                    {"seconds", seconds(report.oldest_seconds)}})},
       {"shards", std::move(shards)},
       {"retries",
        json::Value::object({{"due", whole(counts.retries[0])},
                             {"behind", whole(counts.retries[1])},
                             {"held", whole(counts.retries[2])},
                             {"orphaned", whole(counts.retries[3])},
                             {"earliest_due", counts.earliest_due ? json::Value::string(format_time(
                                                                        *counts.earliest_due))
                                                                  : json::Value()}})},
       {"dead_letters", json::Value::object({{"pending", whole(counts.pending)},
                                             {"retrying", whole(counts.retrying)},
                                             {"success", whole(counts.success)},
                                             {"retry_failed", whole(counts.retry_failed)},
                                             {"discarded", whole(counts.discarded)}})},
       {"lanes", json::Value::object({{"known", whole(sums.lanes)},
                                      {"open", whole(sums.open)},
                                      {"queued", whole(sums.queued)},
                                      {"in_flight", whole(sums.in_flight)}})},
       {"condition_errors", whole(sums.condition_errors)},
       {"hosts", std::move(hosts)},
       {"plugins", json::Value::object({{"loaded", whole(sums.plugins)},
                                        {"faulty", std::move(faulty)},
                                        {"replaced", std::move(replaced)}})},
       {"dropped", whole(sums.dropped)},
       {"bad_rows", whole(counts.bad_rows)},
       {"segments", std::move(segments)}});
}

}  // namespace observerd::app::views
