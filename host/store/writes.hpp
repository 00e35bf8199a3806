#pragma once

#include <pqxx/pqxx>
#include <string>
#include <utility>
#include <vector>

#include "postgres/connection.hpp"
#include "store/records.hpp"
#include "store/store.hpp"

/// The statements of one flush, one function for each kind of write; internal to host/store. All
/// throw what libpqxx throws: apply() is the boundary that turns it into a Status.
namespace observerd::store {

/// A row for observer_events.
struct EventRow {
  const Event* event = nullptr;
  std::string_view status;
};

/// Where to write: the transaction, and the names of our tables.
struct Target {
  pqxx::transaction_base& transaction;
  const postgres::Connection& connection;

  std::string table(std::string_view name) const { return connection.table(name); }
};

/// Who may have to be released: ordering keys by shard.
using TouchedKeys = std::vector<std::pair<int, std::string>>;

void write_events(const Target& target, const std::vector<EventRow>& rows);
/// Of events that were just written as processed, those that have deliveries in the schedule are
/// pending. After the schedule's own writes.
void keep_pending(const Target& target, const std::vector<EventRow>& rows);
void write_dead_letters(const Target& target, const std::vector<const DeadLetter*>& letters);
/// Takes the re-drives out of the schedule too; ordering keys of those rows go to `touched`.
void write_redrives(const Target& target, const std::vector<const FinishRedrive*>& redrives,
                    TouchedKeys* touched);
void write_bad_rows(const Target& target, const std::vector<const ParkBadRow*>& rows);
void write_parked(const Target& target, const std::vector<const Parked*>& parked);
/// Adds the ordering keys of the rows that were there to `touched`.
void delete_parked(const Target& target, const std::vector<Uuid>& delivery_ids,
                   TouchedKeys* touched);
/// Takes back what a flush wrote of deliveries that were discarded while they were under way: they
/// are not scheduled again (`staying`), a strict sequence of theirs (`leaving`) does not go on, and
/// what they died of is no open dead letter. After the flush's own writes: those have waited for
/// any discard that was at work on the same rows, so its record is seen here.
void void_discarded(const Target& target, const std::vector<const Parked*>& staying,
                    const std::vector<Uuid>& leaving, const std::vector<const DeadLetter*>& letters,
                    TouchedKeys* touched);
/// Of every key that has rows behind and none in front, the first in the order of events is due,
/// unless an event before it may still write a row.
void release_next(const Target& target, const TouchedKeys& touched, const ReleaseLimit& limit = {});

/// The attempts of a delivery as JSON text and back.
std::string history_json(const std::vector<Attempt>& history);
std::vector<Attempt> parse_history(std::string_view text);
/// One of the four words that observer_dlq_history takes.
std::string_view result_word(std::string_view result);

/// The exception being handled as OB019; only inside a catch block.
Status storage_error(std::string_view what);

}  // namespace observerd::store
