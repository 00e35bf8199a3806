#include <algorithm>
#include <ostream>

#include "app/commands.hpp"
#include "app/control_requests.hpp"
#include "app/output.hpp"
#include "app/session.hpp"
#include "app/stored.hpp"
#include "app/views/hosts_view.hpp"
#include "base/units.hpp"

namespace observerd::app {
namespace {

constexpr Milliseconds kPatience{10'000};

std::int64_t number(const json::Value& object, const char* name) {
  const json::Value* value = object.find(name);
  return value != nullptr && value->is_number() ? std::stoll(value->text()) : 0;
}

std::string for_time(std::int64_t milliseconds) {
  const std::int64_t seconds = (milliseconds + 999) / 1000;
  return milliseconds > 0 ? " for " + format_duration(Milliseconds(seconds * 1000)) : "";
}

/// "open for 12s": what one host says of a lane.
std::string state_of(const json::Value& here) {
  const std::string breaker = here.string_or("breaker");
  if (breaker == "open") return "open" + for_time(number(here, "breaker_for_ms"));
  if (breaker == "half_open") return "half open";
  if (number(here, "throttled_for_ms") > 0) {
    return "throttled" + for_time(number(here, "throttled_for_ms"));
  }
  if (number(here, "rate_wait_ms") > 0) return "at its rate";
  return "closed";
}

void print_lanes(std::ostream& out, const json::Value& lanes, bool any_host) {
  Table table({"LANE", "BREAKER", "QUEUED", "IN FLIGHT", "DUE", "BEHIND", "HELD", "WHY"});
  for (const json::Value& lane : lanes.items()) {
    std::int64_t queued = 0, in_flight = 0, limit = 0;
    std::string state = "-";
    for (const json::Value& here : lane.find("hosts")->items()) {
      queued += number(here, "queued");
      in_flight += number(here, "in_flight");
      limit += number(here, "limit");
      const std::string one = state_of(here);
      if (state == "-" || one != "closed") state = one;
    }
    const json::Value& parked = *lane.find("parked");
    table.add(
        {shorten(lane.string_or("name").empty() ? "(not rendered)" : lane.string_or("name"), 60),
         state, std::to_string(queued),
         std::to_string(in_flight) + (limit > 0 ? "/" + std::to_string(limit) : ""),
         std::to_string(number(parked, "due")), std::to_string(number(parked, "behind")),
         std::to_string(number(parked, "held") + number(parked, "orphaned")),
         shorten(parked.string_or("reason"), 60)});
  }
  if (table.empty()) {
    out << (any_host ? "no destination has been used yet, and nothing is scheduled\n"
                     : "no host is running, and nothing is scheduled\n");
  } else {
    table.print(out);
  }
}

int list(const Invocation& invocation) {
  StoredCommand command(
      invocation, "lanes list",
      "Every destination: what is queued and under way on the running hosts, whether its circuit "
      "breaker is open, and\nwhat waits for it in the retry schedule and why.");
  if (const auto over = command.parse()) return *over;
  if (const auto over = command.start("lanes")) return *over;
  const auto lanes = views::list_lanes(command.connection());
  const auto any_host = views::any_host_runs(command.connection());
  if (!any_host) return fail(invocation, any_host.status());
  return command.answer(
      lanes, [&](const json::Value& found) { print_lanes(invocation.out, found, *any_host); });
}

int resume(const Invocation& invocation) {
  const char* usage = "lanes resume LANE";
  CommandLine line(
      usage,
      "Closes the circuit breaker of a destination at once, ends a break of it, and tries "
      "again what an action that renders\nits destinations has for it and was reported as "
      "misconfigured or gone. Exit code 1 when no running host has such a lane.");
  line.positional("lane", "its name, as lanes list shows it", -1);
  if (const auto over = line.parse(invocation)) return *over;
  std::string lane;
  for (const std::string& word : line.words("lane")) lane += (lane.empty() ? "" : " ") + word;
  if (lane.empty()) return usage_error(invocation, usage, "the name of a lane is needed");
  const auto configuration = load_configuration(invocation, line, {"database"});
  if (!configuration) return kConfiguration;
  auto connection = open_database(configuration->settings, "lanes");
  if (!connection) return fail(invocation, connection.status());
  const auto answers = ask_hosts(**connection, "resume_lane", lane, kPatience);
  if (!answers) return fail(invocation, answers.status());
  bool resumed = false;
  json::Value hosts = json::Value::array();
  for (const store::Answer& answer : answers->answers) {
    resumed = resumed || answer.ok;
    hosts.push_back(json::Value::object({{"host", json::Value::string(answer.host_name)},
                                         {"resumed", json::Value::boolean(answer.ok)},
                                         {"answer", json::Value::string(answer.text)}}));
  }
  if (line.json()) {
    print_json(invocation.out, json::Value::object({{"lane", json::Value::string(lane)},
                                                    {"resumed", json::Value::boolean(resumed)},
                                                    {"hosts", std::move(hosts)}}));
  } else if (resumed) {
    invocation.out << "resumed " << lane << '\n';
  } else if (answers->answers.empty() && answers->silent.empty()) {
    invocation.err << "no host is running on this database\n";
  } else {
    for (const store::Answer& answer : answers->answers) {
      invocation.err << answer.host_name << ": " << answer.text << '\n';
    }
    for (const std::string& host : answers->silent) {
      invocation.err << host << ": did not answer in time\n";
    }
  }
  return resumed ? kDone : kNegative;
}

}  // namespace

int lanes_command(const Invocation& invocation) {
  return run_group("lanes",
                   {{"list", "destinations: queue, in flight, breaker, what is parked", list},
                    {"resume", "close a breaker at once", resume}},
                   invocation);
}

}  // namespace observerd::app
