#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/uuid.hpp"
#include "event/event.hpp"

/// What the store keeps, as plain values; and the writes that the settling flush applies in bulk.
namespace observerd::store {

/// One try of a delivery, for the history.
struct Attempt {
  int number = 1;
  WallTime at;
  Milliseconds took{0};
  std::string result;   ///< "success", "transient_error", "permanent_error", "unknown"
  std::string code;     ///< the plugin's short code, or ""
  std::string message;  ///< secrets masked
};

enum class ParkState : unsigned char {
  Due,       ///< tried again at `due`
  Behind,    ///< waits for an earlier delivery of its ordering key
  Held,      ///< waits for its HoldCause to go away
  Orphaned,  ///< its observer or action is gone from the configuration
};
std::string_view state_name(ParkState state);

/// Why a delivery is held. The name of the cause is the first word of the row's reason, up to the
/// colon: that is how commands and people tell them apart.
enum class HoldCause : unsigned char {
  Paused,         ///< by a person
  Blocked,        ///< its plugin cannot be loaded
  Gone,           ///< the plugin says that the destination is no more
  Misconfigured,  ///< the plugin says that only a person can repair it; looked at now and then
  Breaker,        ///< its destination fails every time
  Throttled,      ///< its destination asked for a long break
  Rate,           ///< the action's rate leaves no room for it for a while
  Storage,        ///< its event or its result is more than the database takes: for a person only
};
/// "paused", "blocked", …
std::string_view cause_name(HoldCause cause);
/// "CAUSE: DETAIL", or "CAUSE" alone.
std::string hold_reason(HoldCause cause, std::string_view detail);

/// A delivery in the durable retry schedule (observer.retries). Holds the event, never rendered
/// settings or secrets.
struct Parked {
  Uuid delivery_id;
  std::shared_ptr<const Event> event;
  std::string observer;
  std::string action;
  std::string action_type;
  std::string lane;          ///< the destination, "OBSERVER/ACTION" while it is not known
  std::string ordering_key;  ///< "" when unordered
  int attempts = 0;          ///< tries that count
  int tries = 0;             ///< all of them, also those that `history` has no more
  WallTime first_at;         ///< of the first try, for people; the epoch before it
  std::optional<WallTime> unavailable_since;  ///< the first UNAVAILABLE that no answer followed
  WallTime due;
  ParkState state = ParkState::Due;
  std::string reason;               ///< why held or orphaned
  std::vector<Attempt> history;     ///< the last ones
  std::optional<Uuid> dead_letter;  ///< set when this is the re-drive of a dead letter
  bool out_of_order = false;        ///< a re-drive: later events may have gone before
};

/// A dead letter about to be written, with the attempts that are kept of it.
struct DeadLetter {
  Uuid id;
  Uuid delivery_id;
  std::shared_ptr<const Event> event;
  std::string observer;
  std::string action;
  std::string action_type;
  json::Value action_config;  ///< unrendered and masked
  Code error = Code::ActionFailedForGood;
  std::string error_code;     ///< the plugin's short code, or ""
  std::string error_message;  ///< secrets masked
  int attempts = 0;
  int max_attempts = 0;
  std::vector<Attempt> history;
};

// ---- the writes of the settling flush ----

/// Inserts a parked delivery, or replaces the row of the same delivery id.
struct Park {
  Parked delivery;
};
/// Takes a delivery out of the schedule (delivered, dead-lettered, logged) and releases the next
/// one behind it, if any.
struct Unpark {
  Uuid delivery_id;
  std::string ordering_key;
  int shard = 0;
};
/// Files a dead letter and its event row.
struct Bury {
  DeadLetter letter;
};
/// Records how the re-drive of a dead letter ended: success or retry_failed, with its attempt(s).
struct FinishRedrive {
  Uuid dead_letter;
  bool success = false;
  std::string error_message;
  std::vector<Attempt> attempts;           ///< those of this re-drive that are kept
  Code error = Code::ActionFailedForGood;  ///< why it is a dead letter again
};
/// A row of the event log; status "processed", "failed", "dropped", "skipped" or "pending".
struct LogEvent {
  std::shared_ptr<const Event> event;
  std::string_view status;  ///< a literal
};
/// A bad outbox row: kept as it came, as OB020, never in the way of the stream.
struct ParkBadRow {
  std::int64_t outbox_id = 0;
  int shard = 0;
  std::string entity;
  std::string key;
  std::string reason;
  std::string row_text;  ///< what could be read of it, as JSON text in a string
};

using Write = std::variant<Park, Unpark, Bury, FinishRedrive, LogEvent, ParkBadRow>;

}  // namespace observerd::store
