#include <cstdio>
#include <ostream>

#include "app/commands.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/views/hosts_view.hpp"
#include "app/views/status_view.hpp"
#include "base/strings.hpp"
#include "event/event.hpp"

namespace observerd::app {
namespace {

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

}  // namespace

int status_command(const Invocation& invocation) {
  CommandLine line(
      "status",
      "How delivery is going, as the database shows it. Exit code 1 when it is not "
      "moving:\na shard is read by nobody, or a host has stalled: events are under way and for "
      "minutes none was settled, or the\nhost has not shown itself for a minute. A backlog that "
      "drains is moving, however old it is.");
  if (const auto over = line.parse(invocation)) return *over;
  const auto configuration = load_configuration(invocation, line, {"database"});
  if (!configuration) return kConfiguration;
  auto connection = open_database(configuration->settings, "status");
  if (!connection) return fail(invocation, connection.status());
  const auto report = views::read_status(**connection, &configuration->settings);
  if (!report) return fail(invocation, report.status());
  const int code = report->moving ? kDone : kNegative;
  if (line.json()) {
    print_json(invocation.out, views::to_json(*report));
    return code;
  }
  const store::StoreCounts& counts = report->counts;
  invocation.out << "delivery      " << (report->moving ? "is moving" : "IS NOT MOVING") << '\n'
                 << "lag           " << counted(report->waiting) << " waiting, "
                 << report->unsettled << " under way, oldest "
                 << seconds_text(report->oldest_seconds) << '\n'
                 << "retries       " << counts.retries[0] << " scheduled, " << counts.retries[1]
                 << " behind, " << counts.retries[2] << " held, " << counts.retries[3]
                 << " orphaned";
  if (counts.earliest_due) invocation.out << "; next " << format_time(*counts.earliest_due);
  invocation.out << "\ndead letters  " << counts.pending << " pending, " << counts.retrying
                 << " retrying, " << counts.retry_failed << " failed again, " << counts.success
                 << " redelivered, " << counts.discarded << " discarded\n"
                 << "outbox        " << bytes_text(report->outbox_bytes()) << " in "
                 << report->segments.size() << " segments\n";
  const views::HostSums sums = views::sum_hosts(report->hosts);
  std::vector<std::string> hosts;
  for (const store::HostRow& host : report->hosts) hosts.push_back(host.report.name);
  invocation.out << "hosts         " << (hosts.empty() ? "none is running" : join(hosts, ", "))
                 << "; " << sums.plugins << " plugins loaded\n"
                 << "destinations  " << sums.lanes << " in use, " << sums.open << " open circuits, "
                 << sums.queued << " queued, " << sums.in_flight << " in flight\n\n";
  Table table({"SHARD", "EPOCH", "READ BY", "WAITING", "UNDER WAY", "OLDEST"});
  for (const source::ShardProgress& shard : report->shards) {
    table.add({std::to_string(shard.shard), std::to_string(shard.epoch),
               shard.held ? shard.holder : "nobody", counted(shard.waiting),
               std::to_string(shard.unsettled), seconds_text(shard.oldest_seconds)});
  }
  table.print(invocation.out);
  Table segments({"SEGMENT", "STATE", "SIZE", "OLDEST", "KEPT BECAUSE"});
  for (const source::Segment& segment : report->segments) {
    segments.add({segment.name, views::segment_state(segment), bytes_text(segment.bytes),
                  seconds_text(segment.oldest_seconds), segment.kept_because});
  }
  invocation.out << '\n';
  segments.print(invocation.out);
  for (const std::string& problem : report->problems) invocation.out << "\n! " << problem << '\n';
  return code;
}

}  // namespace observerd::app
