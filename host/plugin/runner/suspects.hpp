#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/module.hpp"

namespace observerd::plugin {

/// So many times may the runner end while an item is in it; then the item is poison.
inline constexpr int max_crashes_of_item = 3;

/// Which deliveries were with the plugin when its process ended. Such a one is suspect: it goes
/// alone the next time, so that it either proves harmless or is known to be the cause. Forgets the
/// oldest when there are very many. Thread-safe.
class Suspects {
 public:
  /// The process ended with this delivery in it: counts it. True when that was once too often.
  bool blame(const std::string& delivery_id);
  /// The plugin got through with it.
  void clear(const std::string& delivery_id);

  /// Which items go together: first all that are not suspect, then each suspect alone, the least
  /// suspect first.
  struct Part {
    std::vector<std::uint32_t> indices;
    bool alone = false;
  };
  std::vector<Part> split(const std::vector<std::string>& delivery_ids) const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> crashes_;
  std::deque<std::string> order_;  ///< of their first crash; may hold ids that were cleared
};

/// The result of an item that has ended its process too often: it becomes a dead letter.
ItemResult poison_result();

}  // namespace observerd::plugin
