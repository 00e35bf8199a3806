#include "delivery/work.hpp"

namespace observerd::delivery {

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
  parked.first_at = delivery.started;
  return parked;
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
