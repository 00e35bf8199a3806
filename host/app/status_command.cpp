#include <cstdio>
#include <ostream>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "source/progress.hpp"
#include "source/segments.hpp"
#include "store/store.hpp"

namespace observerd::app {
namespace {

/// Events that wait longer than this, with nobody or somebody at work on them, are a stall.
constexpr double kStalledSeconds = 60;

std::string bytes_text(std::int64_t bytes) {
  static constexpr const char* units[] = {"B", "kiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < std::size(units)) {
    value /= 1024;
    ++unit;
  }
  char text[32];
  std::snprintf(text, sizeof text, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  return text;
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

std::string counted(std::int64_t count) {
  return std::to_string(count) + (count >= source::ShardProgress::kCountLimit ? "+" : "");
}

struct Summary {
  std::int64_t waiting = 0, unsettled = 0;
  double oldest_seconds = 0;
  std::vector<std::string> problems;
};

Summary summarise(const std::vector<source::ShardProgress>& shards,
                  const store::StoreCounts& counts) {
  Summary summary;
  int unheld = 0;
  for (const source::ShardProgress& shard : shards) {
    summary.waiting += shard.waiting;
    summary.unsettled += shard.unsettled;
    summary.oldest_seconds = std::max(summary.oldest_seconds, shard.oldest_seconds);
    if (!shard.held) ++unheld;
  }
  if (unheld > 0) {
    summary.problems.push_back(std::to_string(unheld) + " of " + std::to_string(shards.size()) +
                               " shards are read by nobody: is observerd running?");
  }
  if (summary.oldest_seconds > kStalledSeconds) {
    summary.problems.push_back("the oldest event has waited for " +
                               seconds_text(summary.oldest_seconds));
  }
  if (counts.bad_rows > 0) {
    summary.problems.push_back(std::to_string(counts.bad_rows) +
                               " outbox rows could not be read as events (OB020)");
  }
  return summary;
}

json::Value to_json(const std::vector<source::ShardProgress>& shards,
                    const std::vector<source::Segment>& segments,
                    const store::StoreCounts& counts, const Summary& summary, bool moving) {
  const auto integer = [](std::int64_t value) { return json::Value::integer(value); };
  const auto seconds = [](double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.3f", value);
    return json::Value::number(text);
  };
  json::Value shard_list = json::Value::array();
  for (const source::ShardProgress& shard : shards) {
    shard_list.push_back(
        json::Value::object({{"shard", integer(shard.shard)},
                             {"epoch", integer(shard.epoch)},
                             {"held", json::Value::boolean(shard.held)},
                             {"holder", text_or_null(shard.holder)},
                             {"waiting", integer(shard.waiting)},
                             {"unsettled", integer(shard.unsettled)},
                             {"oldest_seconds", seconds(shard.oldest_seconds)},
                             {"ledger_written_at", text_or_null(shard.written_at)}}));
  }
  json::Value segment_list = json::Value::array();
  for (const source::Segment& segment : segments) {
    segment_list.push_back(json::Value::object(
        {{"name", json::Value::string(segment.name)}, {"bytes", integer(segment.bytes)}}));
  }
  json::Value problems = json::Value::array();
  for (const std::string& problem : summary.problems) {
    problems.push_back(json::Value::string(problem));
  }
  return json::Value::object(
      {{"moving", json::Value::boolean(moving)},
       {"problems", std::move(problems)},
       {"lag", json::Value::object({{"events", integer(summary.waiting + summary.unsettled)},
                                    {"seconds", seconds(summary.oldest_seconds)}})},
       {"shards", std::move(shard_list)},
       {"retries",
        json::Value::object({{"due", integer(counts.retries[0])},
                             {"behind", integer(counts.retries[1])},
                             {"held", integer(counts.retries[2])},
                             {"orphaned", integer(counts.retries[3])},
                             {"earliest_due", counts.earliest_due ? json::Value::string(format_time(
                                                                        *counts.earliest_due))
                                                                  : json::Value()}})},
       {"dead_letters", json::Value::object({{"pending", integer(counts.pending)},
                                             {"retrying", integer(counts.retrying)},
                                             {"success", integer(counts.success)},
                                             {"retry_failed", integer(counts.retry_failed)},
                                             {"discarded", integer(counts.discarded)}})},
       {"bad_rows", integer(counts.bad_rows)},
       {"segments", std::move(segment_list)}});
}

}  // namespace

int status_command(const Invocation& invocation) {
  CommandLine line(
      "status",
      "How delivery is going, as the database shows it. Exit code 1 when it is not "
      "moving:\na shard is read by nobody, or an event has waited for more than a minute.");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line);
  if (!configuration) return kConfiguration;
  auto connection = open_database(configuration->settings, "status");
  if (!connection) return fail(invocation, connection.status());
  const auto shards = source::progress(**connection);
  if (!shards) return fail(invocation, shards.status());
  const auto segments = source::segments(**connection);
  if (!segments) return fail(invocation, segments.status());
  const auto counts = store::counts(**connection);
  if (!counts) return fail(invocation, counts.status());

  const Summary summary = summarise(*shards, *counts);
  bool moving = summary.oldest_seconds <= kStalledSeconds;
  for (const source::ShardProgress& shard : *shards) moving = moving && shard.held;
  if (line.json()) {
    print_json(invocation.out, to_json(*shards, *segments, *counts, summary, moving));
    return moving ? kDone : kNegative;
  }
  std::int64_t bytes = 0;
  for (const source::Segment& segment : *segments) bytes += segment.bytes;
  invocation.out << "delivery      " << (moving ? "is moving" : "IS NOT MOVING") << '\n'
                 << "lag           " << counted(summary.waiting) << " waiting, "
                 << summary.unsettled << " under way, oldest "
                 << seconds_text(summary.oldest_seconds) << '\n'
                 << "retries       " << counts->retries[0] << " scheduled, " << counts->retries[1]
                 << " behind, " << counts->retries[2] << " held, " << counts->retries[3]
                 << " orphaned";
  if (counts->earliest_due) invocation.out << "; next " << format_time(*counts->earliest_due);
  invocation.out << "\ndead letters  " << counts->pending << " pending, " << counts->retrying
                 << " retrying, " << counts->retry_failed << " failed again, " << counts->success
                 << " redelivered, " << counts->discarded << " discarded\n"
                 << "outbox        " << bytes_text(bytes) << " in " << segments->size()
                 << " segments\n\n";
  Table table({"SHARD", "EPOCH", "READ BY", "WAITING", "UNDER WAY", "OLDEST"});
  for (const source::ShardProgress& shard : *shards) {
    table.add({std::to_string(shard.shard), std::to_string(shard.epoch),
               shard.held ? shard.holder : "nobody", counted(shard.waiting),
               std::to_string(shard.unsettled), seconds_text(shard.oldest_seconds)});
  }
  table.print(invocation.out);
  for (const std::string& problem : summary.problems) invocation.out << "\n! " << problem << '\n';
  return moving ? kDone : kNegative;
}

}  // namespace observerd::app
