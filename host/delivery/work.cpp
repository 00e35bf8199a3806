#include "delivery/work.hpp"

#include "store/waiting.hpp"

namespace observerd::delivery {
namespace {

/// Of one delivery: what a retry for days would add up to is no use to anybody, and every attempt
/// writes all of it again.
constexpr std::size_t kKeptAttempts = 100;

}  // namespace

std::shared_ptr<const std::string> EventWork::json() {
  const std::lock_guard lock(mutex_);
  if (!json_) json_ = std::make_shared<const std::string>(event_json(*event));
  return json_;
}

void EventWork::add(store::Write write) {
  const std::lock_guard lock(mutex_);
  writes_.push_back(std::move(write));
}

std::vector<store::Write> EventWork::take_writes() {
  const std::lock_guard lock(mutex_);
  return std::move(writes_);
}

std::string_view EventWork::status() const {
  if (dropped_) return "dropped";
  if (skipped_) return "skipped";
  if (failed_) return "failed";
  return pending ? "pending" : "processed";
}

void EventWork::add_alert(Failure failure) {
  const std::lock_guard lock(mutex_);
  alerts_.push_back(std::move(failure));
}

void EventWork::announce_park(std::string key) {
  const std::lock_guard lock(mutex_);
  announced_.push_back(std::move(key));
}

std::vector<std::string> EventWork::take_announced() {
  const std::lock_guard lock(mutex_);
  return std::move(announced_);
}

store::Parked to_parked(const Delivery& delivery) {
  if (delivery.parked) return *delivery.parked;
  store::Parked parked;
  parked.delivery_id = delivery.id;
  parked.event = delivery.work->event;
  parked.observer = delivery.observer->name;
  parked.action = delivery.action().name;
  parked.action_type = delivery.action().type;
  parked.ordering_key = delivery.ordering_key;
  return parked;
}

std::vector<store::Attempt> history_with(const Delivery& delivery, store::Attempt attempt) {
  std::vector<store::Attempt> history;
  if (delivery.parked) history = delivery.parked->history;
  history.push_back(std::move(attempt));
  if (history.size() > kKeptAttempts) {
    history.erase(history.begin(), history.end() - static_cast<std::ptrdiff_t>(kKeptAttempts));
  }
  return history;
}

HoldScope hold_scope(const Delivery& delivery) {
  const PreparedAction& action = delivery.action();
  return {delivery.observer->name, action.name,
          action.settings.splits_lanes() ? store::cut_lane(delivery.lane) : std::string()};
}

ObserverCounter& counter_of(const Delivery& delivery) {
  const PreparedObserver* first = delivery.plan->plan->observers.data();
  return delivery.plan->counter(static_cast<std::size_t>(delivery.observer - first));
}

std::string ordering_key(const PreparedObserver& observer, const PreparedAction& action,
                         const Event& event) {
  if (observer.ordering == config::Ordering::None) return {};
  // An update that changes the key is filed under the old one, as its shard is.
  std::string key = observer.name;
  if (observer.sequence != config::Sequence::Strict) key += '/' + action.name;
  return key + '/' + event.entity + '/' + event.key;
}

}  // namespace observerd::delivery
