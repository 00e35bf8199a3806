#include "store/parked_rows.hpp"

#include <algorithm>

#include "store/event_columns.hpp"
#include "store/writes.hpp"

namespace observerd::store {

ParkState parse_state(std::string_view name) {
  for (const ParkState state : {ParkState::Due, ParkState::Behind, ParkState::Held}) {
    if (state_name(state) == name) return state;
  }
  return ParkState::Orphaned;
}

std::string select_parked(std::string_view t) {
  const std::string p = std::string(t) + ".";
  return select_event(t, "event_id", p + "entity") + ", " + p + "delivery_id, " + p + "state, " +
         sql_microseconds(p + "due_at") + " AS due_us, " + p + "ordering_key, " + p + "observer, " +
         p + "action, " + p + "action_type, " + p + "lane, " + p + "reason, " + p + "attempts, " +
         sql_microseconds(p + "first_at") + " AS first_us, " +
         sql_microseconds(p + "unavailable_since") + " AS unavailable_us, " + p + "tries, " + p +
         "history, " + p + "dead_letter, " + p + "out_of_order";
}

Parked read_parked(const pqxx::row& row) {
  Parked parked;
  std::string problem;
  parked.event = std::make_shared<const Event>(read_event(row, &problem));
  parked.delivery_id = Uuid::parse(row["delivery_id"].c_str()).value_or(Uuid{});
  parked.observer = text_of(row["observer"]);
  parked.action = text_of(row["action"]);
  parked.action_type = text_of(row["action_type"]);
  parked.lane = text_of(row["lane"]);
  parked.ordering_key = text_of(row["ordering_key"]);
  parked.attempts = row["attempts"].as<int>();
  parked.first_at = time_of(row["first_us"]);
  if (!row["unavailable_us"].is_null()) parked.unavailable_since = time_of(row["unavailable_us"]);
  parked.due = time_of(row["due_us"]);
  parked.state = parse_state(row["state"].c_str());
  parked.reason = text_of(row["reason"]);
  parked.history = parse_history(text_of(row["history"]));
  // A row of an earlier version does not count them.
  parked.tries = std::max(row["tries"].as<int>(), static_cast<int>(parked.history.size()));
  if (!row["dead_letter"].is_null()) parked.dead_letter = Uuid::parse(row["dead_letter"].c_str());
  parked.out_of_order = row["out_of_order"].as<bool>();
  if (!problem.empty()) {
    parked.state = ParkState::Orphaned;
    parked.reason = problem;
  }
  return parked;
}

}  // namespace observerd::store
