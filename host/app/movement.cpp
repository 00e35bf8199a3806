#include "app/movement.hpp"

#include <algorithm>
#include <string>

namespace observerd::app {
namespace {

constexpr std::chrono::minutes kGrace{2};

std::string seconds_of(SteadyTime::duration time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(time).count()) +
         " seconds";
}

}  // namespace

Milliseconds settling_patience(const config::Settings& settings) {
  Milliseconds longest{0};
  for (const config::ObserverSettings& observer : settings.observers) {
    Milliseconds together{0};
    for (const config::ActionSettings& action : observer.actions) {
      together += action.delivery.timeout;
    }
    longest = std::max(longest, together);
  }
  // A reader that sleeps looks this often.
  return std::max(longest, settings.runtime.poll_interval) + kGrace;
}

Status Movement::look(const Sight& sight, SteadyTime now) {
  if (sight.under_way == 0 || sight.settled != settled_ || settled_at_ == SteadyTime()) {
    settled_ = sight.settled;
    settled_at_ = now;
  } else if (now - settled_at_ > patience_) {
    return Status::error(Code::Storage, "nothing was settled for " + seconds_of(now - settled_at_) +
                                            " although events are under way");
  }
  for (const source::ShardState& shard : sight.shards) {
    if (!shard.owned || shard.handing_on || now - shard.looked_at <= patience_) continue;
    return Status::error(Code::Listener, "the database has not answered the reader of shard " +
                                             std::to_string(shard.shard) + " for " +
                                             seconds_of(now - shard.looked_at));
  }
  return {};
}

}  // namespace observerd::app
