#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "base/uuid.hpp"
#include "postgres/connection.hpp"
#include "store/change.hpp"
#include "store/records.hpp"

namespace observerd::store {

/// Which scheduled deliveries; an empty member means any.
struct DeliveryFilter {
  std::string state;  ///< "due", "behind", "held", "orphaned"
  std::string observer;
  std::string action;
  std::string action_type;
  std::string entity;
  std::string key;
  std::string lane;
  std::optional<Uuid> event;
};

/// A row of the retry schedule as it is shown.
struct DeliveryRow {
  Uuid id;
  Uuid event_id;
  std::optional<Uuid> dead_letter;  ///< it is the re-drive of this one
  std::optional<Uuid> waits_for;    ///< of one that is behind: the delivery in front of its key
  std::string state, reason, lane;
  std::string observer, action, action_type;
  std::string entity, key, kind;
  std::string due_at, first_at, event_at;  ///< RFC 3339; first_at "" before the first try
  int attempts = 0;
  int shard = 0;
  bool overdue = false;  ///< due_at has passed
  bool out_of_order = false;
  std::optional<Attempt> last;  ///< the latest try
};

struct WholeDelivery {
  DeliveryRow row;
  std::shared_ptr<const Event> event;  ///< rows to the letter
  std::vector<Attempt> history;        ///< the last ones
  int tries = 0;                       ///< all
};

/// A delivery that was taken out of the schedule by hand.
struct DiscardedDelivery {
  Uuid id;
  Uuid event_id;
  std::string observer, action, discarded_at, last_error;
  int attempts = 0;
};

/// The retry schedule as the command line works with it: it speaks to the database only, and a
/// running daemon takes the effect up within a second. Not thread-safe (one connection). Errors are
/// OB019.
///
/// A delivery may be under way in a daemon while it is changed here; nothing calls a try back.
/// Then, of a retry: what comes of the try counts. Of a discard: what comes of the try is recorded,
/// but it is not scheduled again, does not become an open dead letter, and a strict sequence does
/// not go on (see void_discarded in writes.hpp).
class Deliveries {
 public:
  explicit Deliveries(postgres::Connection& connection) : connection_(connection) {}

  /// Soonest first, at most `limit`; with `after`, those that stand behind that delivery.
  Result<std::vector<DeliveryRow>> list(const DeliveryFilter& filter, int limit,
                                        const std::optional<Uuid>& after = {});
  /// nullopt when it is not in the schedule.
  Result<std::optional<WholeDelivery>> find(const Uuid& id);
  /// The records of what was discarded in the last thirty days: of one delivery, of one event.
  Result<std::optional<DiscardedDelivery>> find_discarded(const Uuid& id);
  Result<std::vector<DiscardedDelivery>> discarded_of_event(const Uuid& event);
  /// How many a filter selects.
  Result<std::int64_t> count(const DeliveryFilter& filter);
  /// A page of the ids that a filter selects, in the order of ids: for changes in bounded batches.
  Result<std::vector<Uuid>> ids(const DeliveryFilter& filter, int limit,
                                const std::optional<Uuid>& after = {});

  /// Makes each due now, also what is held or orphaned; what is behind another stays there.
  Result<std::vector<Change>> retry(const std::vector<Uuid>& ids);
  /// Takes each out of the schedule for good: the event is logged as skipped (unless something else
  /// of it is scheduled or failed), the next delivery of its ordering key is released, and a dead
  /// letter that was being retried is pending again.
  Result<std::vector<Change>> discard(const std::vector<Uuid>& ids);

 private:
  Result<std::vector<DiscardedDelivery>> discarded(const char* column, const Uuid& id);

  postgres::Connection& connection_;
};

}  // namespace observerd::store
