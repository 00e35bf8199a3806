#include "store/event_place.hpp"

#include "store/arrays.hpp"
#include "store/event_columns.hpp"
#include "store/where.hpp"

namespace observerd::store {

void add_behind(Where& where, const EventPlace& place) {
  const std::string created = std::to_string(to_microseconds(place.created));
  // What the index on the time has; then what is meant.
  where.add("e.created_at >= " + sql_time("$?::bigint"), created);
  // Three values in one parameter: none of them can hold a comma.
  where.add("(e.created_at, e.outbox_id, e.id) > (" + sql_time("split_part($?, ',', 1)::bigint") +
                ", split_part($?, ',', 2)::bigint, split_part($?, ',', 3)::uuid)",
            created + ',' + std::to_string(place.outbox_id) + ',' + place.id.to_string());
}

}  // namespace observerd::store
