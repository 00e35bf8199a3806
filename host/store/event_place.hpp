#pragma once

#include <cstdint>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace observerd::store {

class Where;

/// Where a reader of the whole event log stands: behind this event, in the order of (time written,
/// outbox id, id).
struct EventPlace {
  WallTime created;
  std::int64_t outbox_id = 0;
  Uuid id;
};

/// Only events (alias e) behind the place. Internal to host/store.
void add_behind(Where& where, const EventPlace& place);

}  // namespace observerd::store
