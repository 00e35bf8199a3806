#pragma once

#include <string>
#include <vector>

#include "base/status.hpp"
#include "base/uuid.hpp"
#include "event/event.hpp"
#include "postgres/connection.hpp"

namespace observerd::store {

/// One delivery that a replay asks for: an action for an event of the event log.
struct Replay {
  Uuid delivery_id;
  Uuid event_id;
  std::string entity;  ///< of the event; with the key it says the shard
  std::string key;
  std::string observer;
  std::string action;
  std::string action_type;
  std::string ordering_key;  ///< "" when unordered; of replays only, see replay_key
};

/// What kept a delivery out of the schedule, or nothing.
enum class ReplayOutcome : unsigned char {
  Scheduled,   ///< due at once, or behind an earlier replay of its ordering key
  Retried,     ///< scheduled as the retry of the dead letter that the delivery has
  InSchedule,  ///< the delivery is in the schedule already, and is left alone
  Gone,        ///< the event left the log meanwhile
};

/// The ordering key of a replayed delivery, made of the one it has in the stream ("" stays ""):
/// replays of one key keep their order among themselves, and never hold the stream up.
std::string replay_key(const std::string& ordering_key);

/// Puts deliveries into the retry schedule, marked as out of order, without attempts, in the shards
/// that their keys belong to now; due one after the other in the order of events, those of one
/// event in the order given. What is in the schedule already is left alone; a delivery with an open
/// dead letter is scheduled as its retry. All in one transaction, so give a bounded number. Errors
/// are OB019.
Result<std::vector<ReplayOutcome>> schedule_replays(postgres::Connection& connection,
                                                    const std::vector<Replay>& replays);
/// What schedule_replays would do, without doing it.
Result<std::vector<ReplayOutcome>> plan_replays(postgres::Connection& connection,
                                                const std::vector<Replay>& replays);

}  // namespace observerd::store
