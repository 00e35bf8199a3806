#pragma once

#include <string>
#include <string_view>

#include "postgres/connection.hpp"

namespace observerd::store {

/// SQL: an INSERT into the retry schedule of deliveries whose events are taken from the event log,
/// returning (delivery_id, dead_letter) of those that were not there yet. `source` is a FROM item
/// without alias, with the columns delivery_id, event_id, observer, action, action_type,
/// ordering_key, state, letter, place. They are due one after the other by (event, place), out of
/// order and without attempts, in the shard that the event's key belongs to now. Internal to
/// host/store.
std::string insert_from_log(const postgres::Connection& connection, std::string_view source);

/// SQL: forgets that deliveries ($1, uuid[]) were discarded: they are wanted again.
std::string forget_discarded(const postgres::Connection& connection);

}  // namespace observerd::store
