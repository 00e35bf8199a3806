#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "delivery/token_bucket.hpp"
#include "delivery/work.hpp"

namespace observerd::delivery {

/// The rate of one action, over all of its lanes.
struct ActionRate {
  explicit ActionRate(const config::RateSettings& rate) : bucket(rate) {}
  TokenBucket bucket;
  std::size_t waiting = 0;  ///< deliveries in queues

  /// How many more may wait so that the last one waits no longer than `patience`.
  std::size_t room(SteadyTime now, std::chrono::nanoseconds patience) const {
    const std::chrono::nanoseconds first =
        std::max<std::chrono::nanoseconds>(bucket.next() - now, std::chrono::nanoseconds(0));
    if (first > patience) return 0;
    const auto most = 1 + static_cast<std::size_t>((patience - first) / bucket.time_for(1));
    return waiting >= most ? 0 : most - waiting;
  }
};

/// What waits for one destination: a queue for each action, served by deficit round robin
/// (Shreedhar and Varghese, SIGCOMM 1995), so that a flood of one observer does not hold up
/// another, and large events count for more than small ones. Not thread-safe: its lane guards it.
class FairQueue {
 public:
  /// What the next delivery has to be like to go into a batch that has begun; nullptr: anything.
  struct Shape {
    const std::string* batch_key = nullptr;
    Milliseconds timeout{0};
  };

  ~FairQueue() { take_all(); }

  /// `rate`: of the delivery's action, or nullptr.
  void push(DeliveryPtr delivery, std::shared_ptr<ActionRate> rate);
  /// The next one in turn that has this shape and whose rate allows it; nullptr when there is none.
  /// When that is for a rate, `wait_until` is lowered to when it allows the next one.
  DeliveryPtr next(const Shape& shape, SteadyTime now, SteadyTime& wait_until);
  /// The one whose event came first; nullptr when nothing is queued.
  const Delivery* oldest() const;
  DeliveryPtr take_oldest();
  std::vector<DeliveryPtr> take_all();

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  /// When the rates let something go: `now` or before means at once.
  SteadyTime earliest() const;

 private:
  struct Flow {
    std::deque<DeliveryPtr> queue;
    std::size_t credit = 0;
    std::shared_ptr<ActionRate> rate;
  };

  DeliveryPtr pop_front(Flow& flow);
  void rotate();
  Flow* oldest_flow() const;

  void forget_empty_flows();

  /// Empty ones are kept for the next time, up to a bound; after a reload an address may come to
  /// mean another action, which is as good a flow.
  std::unordered_map<const PreparedAction*, Flow> flows_;
  std::deque<Flow*> turn_;  ///< those with something in them
  std::size_t size_ = 0;
};

}  // namespace observerd::delivery
