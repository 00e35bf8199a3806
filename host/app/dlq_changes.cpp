#include "app/dlq_changes.hpp"

#include <algorithm>
#include <ostream>
#include <thread>

#include "app/views/dead_letters_view.hpp"
#include "app/views/hosts_view.hpp"

namespace observerd::app {
namespace {

constexpr std::chrono::milliseconds kLook{100};
constexpr std::chrono::minutes kPatience{10};
/// Re-drives looked at in one query while waiting.
constexpr std::size_t kLookAt = 500;

/// How re-drives ended, for those who wait.
struct Outcomes {
  std::vector<store::RetryState> failed;      ///< again, or taken out of the schedule
  std::vector<store::RetryState> unfinished;  ///< when the time was over
  std::int64_t delivered = 0;
};

/// Until each has an outcome, or the time is over. Looks at a bounded number at a time.
Result<Outcomes> wait_for(store::DeadLetters letters, std::vector<Uuid> ids, Milliseconds timeout,
                          const views::Progress& progress) {
  Outcomes outcomes;
  const auto total = static_cast<std::int64_t>(ids.size());
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (!ids.empty()) {
    const std::size_t count = std::min(ids.size(), kLookAt);
    const auto states = letters.retry_states({ids.begin(), ids.begin() + static_cast<int>(count)});
    if (!states) return states.status();
    const bool over = std::chrono::steady_clock::now() >= deadline;
    std::vector<Uuid> waiting;
    for (const store::RetryState& state : *states) {
      if (state.status == "retrying" && !over) {
        waiting.push_back(state.id);
      } else if (state.status == "retrying") {
        outcomes.unfinished.push_back(state);
      } else if (state.status == "success") {
        ++outcomes.delivered;
      } else {
        outcomes.failed.push_back(state);
      }
    }
    const bool moved = waiting.size() < count;
    // What still waits goes to the end, so that all are looked at in turn.
    ids.erase(ids.begin(), ids.begin() + static_cast<int>(count));
    ids.insert(ids.end(), waiting.begin(), waiting.end());
    if (progress) progress(total - static_cast<std::int64_t>(ids.size()), total);
    if (!ids.empty() && !moved && !over) std::this_thread::sleep_for(kLook);
  }
  return outcomes;
}

std::string outcome_sentence(const store::RetryState& state) {
  if (state.status == "retry_failed") return "failed again: " + state.error_message;
  if (state.status == "retrying") return "is still being retried";
  return state.status.empty() ? "was deleted meanwhile" : "was not tried: it is " + state.status;
}

json::Value to_json(const std::vector<store::RetryState>& states) {
  json::Value list = json::Value::array();
  for (const store::RetryState& state : states) {
    list.push_back(json::Value::object({{"id", json::Value::string(state.id.to_string())},
                                        {"status", text_or_null(state.status)},
                                        {"error_message", text_or_null(state.error_message)}}));
  }
  return list;
}

/// Waits for what was scheduled and tells how it ended. Exit 1 when something was refused, failed
/// again, or is not finished.
int tell_outcomes(StoredCommand& command, const views::Bulk& bulk, Milliseconds timeout) {
  const auto any_host = views::any_host_runs(command.connection());
  if (!any_host) return fail(command.invocation(), any_host.status());
  if (!*any_host) {
    command.invocation().err << "no host is running on this database: what is scheduled goes out "
                                "when one is\n";
    timeout = Milliseconds(0);
  }
  const auto outcomes = wait_for(store::DeadLetters(command.connection()), bulk.done, timeout,
                                 command.progress("finished"));
  if (!outcomes) return fail(command.invocation(), outcomes.status());
  if (command.json()) {
    json::Value document = views::to_json(bulk);
    document.set("delivered", json::Value::integer(outcomes->delivered));
    document.set("failed", to_json(outcomes->failed));
    document.set("unfinished", to_json(outcomes->unfinished));
    print_json(command.out(), document);
  } else {
    print_refused(command, Code::DeadLetterQueue, bulk.refused);
    for (const auto* states : {&outcomes->failed, &outcomes->unfinished}) {
      for (const store::RetryState& state : *states) {
        command.invocation().err << Status::error(
                                        Code::DeadLetterQueue,
                                        state.id.to_string() + " " + outcome_sentence(state))
                                        .to_string()
                                 << '\n';
      }
    }
    command.out() << "delivered " << counted(outcomes->delivered, "dead letter") << ", "
                  << outcomes->failed.size() << " failed again, " << outcomes->unfinished.size()
                  << " not finished\n";
  }
  const bool all = bulk.refused.empty() && outcomes->failed.empty() && outcomes->unfinished.empty();
  return all ? kDone : kNegative;
}

/// Ids or --all, not both and not neither; filters go with --all only.
void check_selection(StoredCommand& command) {
  views::ArgumentReader& arguments = command.arguments();
  const bool ids = !command.id_words().empty();
  if (ids == command.has("all")) {
    arguments.problem(ids ? "ids and --all exclude each other"
                          : "which? give ids, or --all with filters");
  }
  if (command.has("all")) return;
  if (arguments.has("limit")) arguments.problem("--limit goes with --all");
  for (const Option& filter : dead_letter_filters()) {
    if (!arguments.has(filter.name)) continue;
    arguments.problem("--" + std::string(filter.name) + " goes with --all");
  }
  if (command.has("dry-run")) arguments.problem("--dry-run goes with --all");
}

void add_selection(StoredCommand& command) {
  command.ids("ids of dead letters", -1);
  command.flag("all", "every open one (pending, retry_failed) that the filters select");
  command.options(dead_letter_filters());
  command.options({{"limit", "N", "with --all: at most so many, the oldest"}});
  command.flag("dry-run", "with --all: say how many, change nothing");
}

}  // namespace

int dlq_retry(const Invocation& invocation) {
  StoredCommand command(
      invocation, "dlq retry ID… | --all [FILTERS] [--dry-run] [--wait]",
      "Delivers each again: that one action, not the whole event. A running daemon takes it up "
      "within a second;\nthe result goes into the history. Exit code 1 when one could not be "
      "scheduled, with --wait also when one\nfailed again or is not finished in time.");
  add_selection(command);
  command.flag("wait", "wait for the outcome of each");
  command.options({{"timeout", "TIME", "with --wait: for how long at most; 10m unless said"}});
  if (const auto over = command.parse()) return *over;
  check_selection(command);
  views::ArgumentReader& arguments = command.arguments();
  const std::vector<Uuid> ids = arguments.ids(command.id_words());
  const views::DeadLetterQuery query = views::read_dead_letter_query(arguments, 0);
  const Milliseconds timeout = arguments.duration("timeout").value_or(kPatience);
  if (arguments.has("timeout") && !command.has("wait")) {
    arguments.problem("--timeout goes with --wait");
  }
  if (command.has("wait") && command.has("dry-run")) {
    arguments.problem("--wait and --dry-run exclude each other");
  }
  if (const auto over = command.start("dlq")) return *over;
  views::Bulk bulk;
  if (command.has("all")) {
    const auto done = views::retry_dead_letters(command.connection(), query, command.has("dry-run"),
                                                command.progress("scheduled"));
    if (!done) return fail(invocation, done.status());
    if (!command.has("wait")) {
      return print_bulk(command, Code::DeadLetterQueue, "scheduled", "dead letter", *done);
    }
    bulk = *done;
  } else {
    const auto changes = store::DeadLetters(command.connection()).retry(ids);
    if (!changes) return fail(invocation, changes.status());
    if (!command.has("wait")) {
      return print_changes(command, Code::DeadLetterQueue, "scheduled", *changes);
    }
    bulk.selected = static_cast<std::int64_t>(ids.size());
    bulk.add(*changes);
  }
  return tell_outcomes(command, bulk, timeout);
}

int dlq_discard(const Invocation& invocation) {
  StoredCommand command(
      invocation, "dlq discard ID… | --all [FILTERS] [--dry-run]",
      "Gives each up for good: it stays visible as discarded, and is not retried.");
  add_selection(command);
  if (const auto over = command.parse()) return *over;
  check_selection(command);
  const std::vector<Uuid> ids = command.arguments().ids(command.id_words());
  const views::DeadLetterQuery query = views::read_dead_letter_query(command.arguments(), 0);
  if (const auto over = command.start("dlq")) return *over;
  if (command.has("all")) {
    const auto done = views::discard_dead_letters(
        command.connection(), query, command.has("dry-run"), command.progress("discarded"));
    if (!done) return fail(invocation, done.status());
    return print_bulk(command, Code::DeadLetterQueue, "discarded", "dead letter", *done);
  }
  const auto changes = store::DeadLetters(command.connection()).discard(ids);
  if (!changes) return fail(invocation, changes.status());
  return print_changes(command, Code::DeadLetterQueue, "discarded", *changes);
}

int dlq_purge(const Invocation& invocation) {
  StoredCommand command(
      invocation, "dlq purge --older-than TIME [--status S,…] [--dry-run]",
      "Deletes dead letters that were filed, and last retried, longer ago than that, with their\n"
      "histories: those that were delivered by a retry or discarded. Others only when --status "
      "names them;\nwhat is being retried is never deleted.");
  command.options({{"older-than", "TIME", "a duration: 30d, 12h"},
                   {"status", "STATUS,…",
                    "success, discarded, retry_failed, pending; success,discarded unless said"}});
  command.flag("dry-run", "say how many, change nothing");
  if (const auto over = command.parse()) return *over;
  views::ArgumentReader& arguments = command.arguments();
  const auto older_than = arguments.duration("older-than");
  if (!arguments.has("older-than")) arguments.problem("--older-than is needed");
  auto statuses = arguments.words("status", views::kPurgeableStatuses);
  if (statuses.empty()) statuses = views::kFinishedStatuses;
  if (const auto over = command.start("dlq")) return *over;
  const auto answer =
      views::purge_dead_letters(command.connection(), statuses, *older_than, command.has("dry-run"),
                                command.progress("deleted"));
  return command.answer(answer, [&](const json::Value& purged) {
    command.out() << (command.has("dry-run") ? "would have deleted " : "deleted ")
                  << counted(std::stoll(text_at(purged, "deleted")), "dead letter") << '\n';
  });
}

}  // namespace observerd::app
