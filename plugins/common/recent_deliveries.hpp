#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace observerd::common {

/// What is remembered of deliveries, by their ids: in memory only, the oldest give way when there
/// are too many. Thread-safe.
template <typename Value>
class RecentDeliveries {
 public:
  explicit RecentDeliveries(std::size_t most) : most_(most) {}

  std::optional<Value> find(std::string_view delivery) const {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(std::string(delivery));
    if (found == entries_.end()) return std::nullopt;
    return found->second.value;
  }

  /// `change` is given what is known of the delivery: Value() at first.
  template <typename Change>
  void remember(std::string_view delivery, Change change) {
    const std::lock_guard lock(mutex_);
    const auto [entry, is_new] = entries_.try_emplace(std::string(delivery));
    if (is_new) entry->second.place = oldest_first_.insert(oldest_first_.end(), entry->first);
    change(entry->second.value);
    if (entries_.size() <= most_) return;
    entries_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }

  void forget(std::string_view delivery) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(std::string(delivery));
    if (found == entries_.end()) return;
    oldest_first_.erase(found->second.place);
    entries_.erase(found);
  }

 private:
  struct Entry {
    Value value;
    std::list<std::string>::iterator place;
  };

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::list<std::string> oldest_first_;
  std::unordered_map<std::string, Entry> entries_;
};

}  // namespace observerd::common
