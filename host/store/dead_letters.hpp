#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "postgres/connection.hpp"
#include "store/records.hpp"

namespace observerd::store {

/// Which dead letters; an empty member means any.
struct DeadLetterFilter {
  std::string status;
  std::string observer;
  std::string action_type;
  std::string code;  ///< the plugin's short code, or OBxxx
  std::string entity;
  std::optional<WallTime> since;
  std::optional<WallTime> until;
  int limit = 100;
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
  std::string error_message, executed_at, result;
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

/// What became of one re-drive or discard that was asked for.
struct DeadLetterChange {
  Uuid id;
  bool done = false;
  std::string why_not;  ///< "is being retried already", "was discarded", "does not exist", …
};

/// The dead letter queue as the command line works with it: it speaks to the database only, and a
/// running daemon takes the effect up within a second. Not thread-safe (one connection).
class DeadLetters {
 public:
  explicit DeadLetters(postgres::Connection& connection) : connection_(connection) {}

  Result<std::vector<DeadLetterRow>> list(const DeadLetterFilter& filter);
  /// nullopt when there is no such item.
  Result<std::optional<DeadLetterRow>> find(const Uuid& id);
  Result<std::vector<DeadLetterHistory>> history(const Uuid& id);
  Result<std::string> event_json(const Uuid& id);
  /// Marks each `retrying` and schedules that one action at once. Of concurrent retries of one item
  /// one wins.
  Result<std::vector<DeadLetterChange>> retry(const std::vector<Uuid>& ids);
  Result<std::vector<DeadLetterChange>> discard(const std::vector<Uuid>& ids);
  Result<DeadLetterStats> stats();

 private:
  postgres::Connection& connection_;
};

}  // namespace observerd::store
