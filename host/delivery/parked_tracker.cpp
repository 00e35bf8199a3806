#include "delivery/parked_tracker.hpp"

namespace observerd::delivery {

class ParkedTracker::Hold {
 public:
  Hold(ParkedTracker& tracker, const store::Parked& parked)
      : tracker_(tracker),
        shard_(tracker.shards_[static_cast<std::size_t>(parked.event->shard)]),
        id_(parked.delivery_id),
        lane_(parked.lane),
        bytes_(parked.event->new_text.size() + parked.event->old_text.size()) {
    const std::lock_guard lock(tracker_.mutex_);
    shard_.in_flight.insert(id_);
    ++tracker_.by_lane_[lane_];
    ++tracker_.count_;
    tracker_.bytes_ += bytes_;
  }
  ~Hold() {
    const std::lock_guard lock(tracker_.mutex_);
    shard_.in_flight.erase(id_);
    const auto lane = tracker_.by_lane_.find(lane_);
    if (--lane->second == 0) tracker_.by_lane_.erase(lane);
    --tracker_.count_;
    tracker_.bytes_ -= bytes_;
  }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  ParkedTracker& tracker_;
  Shard& shard_;
  const Uuid id_;
  const std::string lane_;
  const std::size_t bytes_;
};

ParkedTracker::ParkedTracker(int shards) : shards_(static_cast<std::size_t>(shards)) {}

std::shared_ptr<void> ParkedTracker::hold(const store::Parked& parked) {
  return std::make_shared<Hold>(*this, parked);
}

std::vector<Uuid> ParkedTracker::in_flight(int shard) const {
  const std::lock_guard lock(mutex_);
  const auto& ids = shards_[static_cast<std::size_t>(shard)].in_flight;
  return {ids.begin(), ids.end()};
}

std::size_t ParkedTracker::count() const {
  const std::lock_guard lock(mutex_);
  return count_;
}

std::size_t ParkedTracker::in_lane(const std::string& lane) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_lane_.find(lane);
  return found == by_lane_.end() ? 0 : found->second;
}

std::size_t ParkedTracker::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::vector<std::string> ParkedTracker::full_lanes(std::size_t most) const {
  std::vector<std::string> lanes;
  const std::lock_guard lock(mutex_);
  for (const auto& [lane, count] : by_lane_) {
    if (!lane.empty() && count >= most) lanes.push_back(lane);
  }
  return lanes;
}

std::vector<std::string> ParkedTracker::take_maybe_free(int shard) {
  const std::lock_guard lock(mutex_);
  return std::move(shards_[static_cast<std::size_t>(shard)].maybe_free);
}

void ParkedTracker::add_maybe_free(int shard, std::string key) {
  const std::lock_guard lock(mutex_);
  shards_[static_cast<std::size_t>(shard)].maybe_free.push_back(std::move(key));
}

void ParkedTracker::forget(int shard) {
  const std::lock_guard lock(mutex_);
  shards_[static_cast<std::size_t>(shard)].maybe_free.clear();
}

}  // namespace observerd::delivery
