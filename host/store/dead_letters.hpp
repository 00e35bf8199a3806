#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "postgres/connection.hpp"
#include "store/change.hpp"
#include "store/records.hpp"

namespace observerd::store {

/// Which dead letters; an empty member means any.
struct DeadLetterFilter {
  /// "pending", "retrying", "success", "retry_failed", "discarded"
  std::vector<std::string> statuses;
  std::string observer;
  std::string action;
  std::string action_type;
  std::string code;  ///< the plugin's short code, or OBxxx
  std::string entity;
  std::string key;
  std::optional<Uuid> event;
  std::optional<WallTime> since;  ///< filed at or after
  std::optional<WallTime> until;  ///< filed before
};

/// A row of observer_dlq_items as it is shown.
struct DeadLetterRow {
  Uuid id;
  Uuid event_id;
  Uuid delivery_id;
  std::string entity, entity_key, kind;
  std::string observer, action, action_type;
  std::string error;  ///< "OB007"
  std::string error_code, error_message, status;
  int attempts = 0, max_attempts = 0;
  std::string created_at, last_retry_at;  ///< RFC 3339, or ""
  json::Value action_config;
};

struct DeadLetterHistory {
  int attempt = 0;
  std::string error_message, error_code, executed_at, result;
  std::int64_t took_ms = 0;
};

struct DeadLetterStats {
  struct Line {
    std::string observer, action_type, error_code, status;
    std::int64_t count = 0;
    std::string oldest;
  };
  std::vector<Line> lines;
  std::int64_t total = 0;
};

/// How a re-drive stands.
struct RetryState {
  Uuid id;
  std::string status;  ///< "" when the item is gone
  std::string error_message;
};

/// Where a reader of the queue stands: behind this item, in the order of (time filed, id).
struct DeadLetterPlace {
  WallTime created;
  Uuid id;
};
struct DeadLetterPage {
  std::vector<Uuid> ids;
  std::optional<DeadLetterPlace> next;  ///< nullopt: nothing is behind this page
};

/// The dead letter queue as the command line works with it: it speaks to the database only, and a
/// running daemon takes the effect up within a second. Not thread-safe (one connection). Errors are
/// OB019, of changes OB012: then nothing was changed.
class DeadLetters {
 public:
  explicit DeadLetters(postgres::Connection& connection) : connection_(connection) {}

  /// Newest first, at most `limit`; with `before`, those that stand behind that item.
  Result<std::vector<DeadLetterRow>> list(const DeadLetterFilter& filter, int limit = 100,
                                          const std::optional<Uuid>& before = {});
  /// nullopt when there is no such item.
  Result<std::optional<DeadLetterRow>> find(const Uuid& id);
  Result<std::vector<DeadLetterHistory>> history(const Uuid& id);
  Result<std::string> event_json(const Uuid& id);
  Result<DeadLetterStats> stats();
  Result<std::int64_t> count(const DeadLetterFilter& filter);
  /// A page of what a filter selects, oldest first: for changes in bounded batches.
  Result<DeadLetterPage> page(const DeadLetterFilter& filter, int limit,
                              const std::optional<DeadLetterPlace>& after = {});
  /// In the order of `ids`.
  Result<std::vector<RetryState>> retry_states(const std::vector<Uuid>& ids);

  /// Marks each `retrying` and schedules that one action at once, in the order of their events. Of
  /// concurrent retries of one item one wins.
  Result<std::vector<Change>> retry(const std::vector<Uuid>& ids);
  Result<std::vector<Change>> discard(const std::vector<Uuid>& ids);

  /// How many purge() would delete, one step after the other.
  Result<std::int64_t> count_purge(const std::vector<std::string>& statuses,
                                   Milliseconds older_than);
  /// Deletes up to `batch` items of these statuses, with their histories, that were filed and last
  /// retried longer than `older_than` ago; those that somebody has locked are left for later. One
  /// that is in the retry schedule is never deleted. Gives how many: 0 when there are none left.
  Result<std::int64_t> purge(const std::vector<std::string>& statuses, Milliseconds older_than,
                             int batch);

 private:
  postgres::Connection& connection_;
};

}  // namespace observerd::store
