#include <algorithm>
#include <csignal>
#include <ctime>
#include <ostream>
#include <unordered_map>

#include "app/events_parts.hpp"
#include "app/views/events_view.hpp"

namespace observerd::app {
namespace {

constexpr Milliseconds kLook{500};
/// Events are logged when they are settled, not in the order in which they were written: one may
/// come up to this much later than a younger one.
constexpr std::chrono::seconds kLateness{60};
constexpr int kPage = 2000;

/// SIGINT and SIGTERM come as values, so that the last line is whole.
sigset_t block_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

bool told_to_stop(const sigset_t& set, Milliseconds time) {
  timespec limit{};
  limit.tv_sec = time.count() / 1000;
  limit.tv_nsec = time.count() % 1000 * 1'000'000;
  return sigtimedwait(&set, nullptr, &limit) > 0;
}

/// Reads what is new in the log: by the time of writing, a while back, minus what was told already.
class Follower {
 public:
  Follower(postgres::Connection& connection, store::EventFilter filter, WallTime from)
      : connection_(connection), filter_(std::move(filter)), from_(from), newest_(from) {}

  /// The events that came since the last call, oldest first; `more`: there are more at once.
  Result<std::vector<store::LoggedEvent>> next(bool* more) {
    filter_.since = std::max(from_, reached_);
    auto events = store::oldest_events(connection_, filter_, kPage);
    if (!events) return events;
    *more = static_cast<int>(events->size()) == kPage;
    std::vector<store::LoggedEvent> fresh;
    std::unordered_map<Uuid, WallTime> still_near;
    for (store::LoggedEvent& event : *events) {
      const WallTime written = parse_time(event.created_at).value_or(newest_);
      newest_ = std::max(newest_, written);
      still_near.emplace(event.id, written);
      if (told_.count(event.id) == 0) fresh.push_back(std::move(event));
    }
    // Where there is more than a page, keeping up comes before waiting for late ones. A page full
    // of one moment goes on a moment later, since it would be read for ever.
    reached_ = *more
                   ? std::max(newest_, reached_ + std::chrono::microseconds(fresh.empty() ? 1 : 0))
                   : newest_ - kLateness;
    told_ = std::move(still_near);
    return fresh;
  }

 private:
  postgres::Connection& connection_;
  store::EventFilter filter_;
  const WallTime from_;
  WallTime newest_;
  WallTime reached_;
  std::unordered_map<Uuid, WallTime> told_;
};

void print(const StoredCommand& command, const store::LoggedEvent& event) {
  const json::Value value = views::to_json(event);
  if (command.json()) {
    command.out() << json::write(value) << '\n';
    return;
  }
  std::string line;
  for (const std::string& cell : event_cells(value)) line += (line.empty() ? "" : "  ") + cell;
  command.out() << line << '\n';
}

}  // namespace

int events_tail(const Invocation& invocation) {
  StoredCommand command(
      invocation, "events tail [--from TIME] [--entity E] …",
      "Follows the event log until SIGINT (Ctrl-C): one line for each event that is logged, with "
      "--json one JSON object\na line. Shows the status at that moment; an event that is logged "
      "more than a minute after it was written may be\nmissing. Times are UTC.");
  command.options(
      {{"from", "TIME", "begin with events written then: 2026-01-31T12:00:00Z, or 10m"}});
  for (const Option& filter : event_filters()) {
    const std::string name = filter.name;
    if (name != "since" && name != "until") command.options({filter});
  }
  if (const auto over = command.parse()) return *over;
  const store::EventFilter filter = views::read_event_filter(command.arguments());
  const WallTime from = command.arguments().time("from").value_or(command.arguments().now());
  const sigset_t signals = block_signals();
  if (const auto over = command.start("events")) return *over;
  Follower follower(command.connection(), filter, from);
  for (bool more = false; more || !told_to_stop(signals, kLook);) {
    const auto events = follower.next(&more);
    if (!events) return fail(invocation, events.status());
    for (const store::LoggedEvent& event : *events) print(command, event);
    if (!events->empty()) invocation.out.flush();
    if (!invocation.out) return kDone;  // nobody reads any more
    if (more && told_to_stop(signals, Milliseconds(0))) return kDone;
  }
  return kDone;
}

}  // namespace observerd::app
