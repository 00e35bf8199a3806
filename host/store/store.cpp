#include "store/store.hpp"

#include <unordered_map>

#include "postgres/errors.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

/// Values in the order of their keys' first appearance, of which a later one replaces an earlier.
template <typename Value>
class LastWins {
 public:
  void put(const Uuid& key, Value value) {
    const auto [found, is_new] = place_.try_emplace(key, values_.size());
    if (is_new) {
      values_.push_back(value);
    } else {
      values_[found->second] = value;
    }
  }
  const Value* find(const Uuid& key) const {
    const auto found = place_.find(key);
    return found == place_.end() ? nullptr : &values_[found->second];
  }
  const std::vector<Value>& values() const { return values_; }

 private:
  std::unordered_map<Uuid, std::size_t> place_;
  std::vector<Value> values_;
};

/// The writes of a flush sorted by kind, each table's row once: a statement that meets one row
/// twice is an error to PostgreSQL.
class Batch {
 public:
  explicit Batch(std::span<const Write> writes) {
    for (const Write& write : writes) std::visit([this](const auto& w) { sort_in(w); }, write);
    // What is buried is failed, before or after anything else was logged of the event; unless more
    // is known: that something was skipped because of it.
    for (const DeadLetter* letter : letters_.values()) {
      const EventRow* logged = events_.find(letter->event->id);
      if (logged != nullptr && logged->status == "skipped") continue;
      events_.put(letter->event->id, {letter->event.get(), "failed"});
    }
  }

  void write(const Target& target, const ReleaseLimit& limit) const {
    write_events(target, events_.values());
    write_dead_letters(target, letters_.values());
    TouchedKeys touched = touched_;
    write_redrives(target, redrives_.values(), &touched);
    std::vector<Uuid> leaving;
    std::vector<const Parked*> staying;
    for (const Scheduled& scheduled : schedule_.values()) {
      if (scheduled.parked == nullptr) {
        leaving.push_back(scheduled.delivery_id);
      } else {
        staying.push_back(scheduled.parked);
      }
    }
    delete_parked(target, leaving, &touched);
    write_parked(target, staying);
    void_discarded(target, staying, leaving, letters_.values(), &touched);
    if (!leaving.empty()) keep_pending(target, events_.values());
    // Last, when the table is as the flush leaves it: then the order in which one key's deliveries
    // came and went within the flush does not matter.
    release_next(target, touched, limit);
    write_bad_rows(target, bad_rows_);
  }

 private:
  struct Scheduled {
    Uuid delivery_id;
    const Parked* parked = nullptr;  // null: out of the schedule
  };

  void sort_in(const Park& write) {
    schedule_.put(write.delivery.delivery_id, {write.delivery.delivery_id, &write.delivery});
    // Its head may have left before it came.
    if (write.delivery.state == ParkState::Behind) {
      touch(write.delivery.event->shard, write.delivery.ordering_key);
    }
  }
  void sort_in(const Unpark& write) {
    schedule_.put(write.delivery_id, {write.delivery_id, nullptr});
    touch(write.shard, write.ordering_key);
  }
  void sort_in(const Bury& write) { letters_.put(write.letter.delivery_id, &write.letter); }
  void sort_in(const FinishRedrive& write) { redrives_.put(write.dead_letter, &write); }
  void sort_in(const LogEvent& write) {
    events_.put(write.event->id, {write.event.get(), write.status});
  }
  void sort_in(const ParkBadRow& write) { bad_rows_.push_back(&write); }

  void touch(int shard, const std::string& ordering_key) {
    if (!ordering_key.empty()) touched_.emplace_back(shard, ordering_key);
  }

  LastWins<EventRow> events_;
  LastWins<const DeadLetter*> letters_;
  LastWins<const FinishRedrive*> redrives_;
  LastWins<Scheduled> schedule_;
  std::vector<const ParkBadRow*> bad_rows_;
  TouchedKeys touched_;
};

}  // namespace

Status storage_error(std::string_view what) {
  const Status failure = postgres::describe_current_exception();
  Status status = Status::error(Code::Storage, failure.message()).context(what);
  // The server's DETAIL quotes the failing row: users' data, of any size.
  for (const std::string& note : failure.notes()) {
    if (note.rfind("DETAIL:", 0) != 0) status.note(note);
  }
  return status;
}

Status apply(pqxx::transaction_base& transaction, const postgres::Connection& connection,
             std::span<const Write> writes, const ReleaseLimit& limit) {
  if (writes.empty()) return {};
  try {
    Batch(writes).write({transaction, connection}, limit);
  } catch (...) {
    return storage_error("cannot store what became of deliveries");
  }
  return {};
}

}  // namespace observerd::store
