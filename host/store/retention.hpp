#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "postgres/connection.hpp"
#include "store/event_place.hpp"

namespace observerd::store {

/// One step of the retention of the event log, and where the next one goes on.
struct PurgeStep {
  std::int64_t deleted = 0;
  /// Where the next step goes on; nullopt: it was the last one, begin again some time later.
  std::optional<EventPlace> next;
};

/// Looks at the `batch` oldest events behind `from` that were written more than `older_than` ago
/// and deletes those that nothing needs: an event stays while it has a dead letter or a delivery in
/// the retry schedule, and while somebody else has it locked. The step is bounded and goes by the
/// index on the time; what stays is stepped over, not looked at again in each step.
///
/// Call it until `next` is nullopt, with pauses, and begin anew (without `from`) every minute or
/// so. Several hosts may do so at the same time. `older_than` of zero or less deletes nothing.
/// Errors are OB019.
Result<PurgeStep> purge_events(postgres::Connection& connection, Milliseconds older_than, int batch,
                               const std::optional<EventPlace>& from = {});

}  // namespace observerd::store
