#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/uuid.hpp"
#include "store/records.hpp"

namespace observerd::delivery {

/// Which deliveries of the retry schedule are under way in this process, and which ordering keys
/// their ends may have freed. Thread-safe.
class ParkedTracker {
 public:
  explicit ParkedTracker(int shards);

  /// Keeps a delivery in the set until the hold is gone. The tracker must outlive it.
  std::shared_ptr<void> hold(const store::Parked& parked);
  std::vector<Uuid> in_flight(int shard) const;
  std::size_t count() const;
  /// Of rows (not lanes in memory): a row may name the lane "OBSERVER/ACTION".
  std::size_t in_lane(const std::string& lane) const;
  std::size_t bytes() const;
  /// Lanes of rows with so many under way that more would only queue: a dead destination must not
  /// fill the places of the others.
  std::vector<std::string> full_lanes(std::size_t most) const;

  /// Ordering keys of a shard whose parked delivery has ended: the database may have nothing left
  /// of them, and then they may run freely again (see OrderGate::release).
  std::vector<std::string> take_maybe_free(int shard);
  void add_maybe_free(int shard, std::string key);
  void forget(int shard);

 private:
  class Hold;
  struct Shard {
    std::unordered_set<Uuid> in_flight;
    std::vector<std::string> maybe_free;
  };

  mutable std::mutex mutex_;
  std::vector<Shard> shards_;
  std::unordered_map<std::string, std::size_t> by_lane_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace observerd::delivery
