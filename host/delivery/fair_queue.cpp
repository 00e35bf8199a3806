#include "delivery/fair_queue.hpp"

#include <algorithm>

namespace observerd::delivery {
namespace {

/// What a turn adds to a flow's credit: so many small events.
constexpr std::size_t kQuantum = 16;
constexpr std::size_t kBytesPerCredit = 8192;
constexpr std::size_t kKeptFlows = 16;

std::size_t cost(const Delivery& delivery) {
  const Event& event = *delivery.work->event;
  return 1 + (event.new_text.size() + event.old_text.size()) / kBytesPerCredit;
}

bool fits(const Delivery& delivery, const FairQueue::Shape& shape) {
  if (shape.batch_key == nullptr) return true;
  const PreparedAction& action = delivery.action();
  return action.delivery.timeout == shape.timeout && action.bound->batch_key() == *shape.batch_key;
}

}  // namespace

void FairQueue::push(DeliveryPtr delivery, std::shared_ptr<ActionRate> rate) {
  if (flows_.size() > 2 * turn_.size() + kKeptFlows) forget_empty_flows();
  Flow& flow = flows_[&delivery->action()];
  if (flow.queue.empty()) {
    flow.credit = 0;
    flow.rate = std::move(rate);
    turn_.push_back(&flow);
  }
  if (flow.rate) ++flow.rate->waiting;
  flow.queue.push_back(std::move(delivery));
  ++size_;
}

void FairQueue::forget_empty_flows() {
  std::erase_if(flows_, [](const auto& entry) { return entry.second.queue.empty(); });
}

DeliveryPtr FairQueue::next(const Shape& shape, SteadyTime now, SteadyTime& wait_until) {
  // Ends when every flow in a row had to be passed over; a flow that only lacks credit gets some,
  // and its turn comes.
  std::size_t passed = 0;
  while (passed < turn_.size()) {
    Flow& flow = *turn_.front();
    const Delivery& first = *flow.queue.front();
    if (!fits(first, shape)) {
      rotate();
      ++passed;
      continue;
    }
    if (flow.rate && flow.rate->bucket.next() > now) {
      wait_until = std::min(wait_until, flow.rate->bucket.next());
      rotate();
      ++passed;
      continue;
    }
    const std::size_t price = cost(first);
    if (flow.credit < price) {
      flow.credit += kQuantum;
      rotate();
      passed = 0;
      continue;
    }
    flow.credit -= price;
    if (flow.rate) flow.rate->bucket.try_take(now);
    return pop_front(flow);
  }
  return nullptr;
}

void FairQueue::rotate() {
  turn_.push_back(turn_.front());
  turn_.pop_front();
}

DeliveryPtr FairQueue::pop_front(Flow& flow) {
  DeliveryPtr delivery = std::move(flow.queue.front());
  flow.queue.pop_front();
  --size_;
  if (flow.rate) --flow.rate->waiting;
  if (flow.queue.empty()) turn_.erase(std::find(turn_.begin(), turn_.end(), &flow));
  return delivery;
}

FairQueue::Flow* FairQueue::oldest_flow() const {
  Flow* oldest = nullptr;
  for (Flow* flow : turn_) {
    if (oldest == nullptr ||
        flow->queue.front()->work->arrived < oldest->queue.front()->work->arrived) {
      oldest = flow;
    }
  }
  return oldest;
}

const Delivery* FairQueue::oldest() const {
  const Flow* flow = oldest_flow();
  return flow == nullptr ? nullptr : flow->queue.front().get();
}

DeliveryPtr FairQueue::take_oldest() {
  Flow* flow = oldest_flow();
  return flow == nullptr ? nullptr : pop_front(*flow);
}

std::vector<DeliveryPtr> FairQueue::take_all() {
  std::vector<DeliveryPtr> all;
  all.reserve(size_);
  while (!turn_.empty()) all.push_back(pop_front(*turn_.front()));
  return all;
}

SteadyTime FairQueue::earliest() const {
  SteadyTime earliest = SteadyTime::max();
  for (const Flow* flow : turn_) {
    if (!flow->rate) return SteadyTime{};
    earliest = std::min(earliest, flow->rate->bucket.next());
  }
  return earliest;
}

}  // namespace observerd::delivery
