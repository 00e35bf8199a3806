#include "telemetry/repetition.hpp"

#include <algorithm>

namespace observerd::telemetry {

std::optional<std::uint64_t> Repetition::say(std::string_view key) {
  const SteadyTime now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  auto found = seen_.find(std::string(key));
  if (found == seen_.end()) {
    if (seen_.size() >= kMaxKeys) {
      seen_.erase(std::min_element(seen_.begin(), seen_.end(), [](const auto& a, const auto& b) {
        return a.second.said < b.second.said;
      }));
    }
    seen_.emplace(std::string(key), Seen{now, 0});
    return 0;
  }
  Seen& seen = found->second;
  if (now - seen.said < interval_) {
    ++seen.unsaid;
    return std::nullopt;
  }
  const std::uint64_t unsaid = seen.unsaid;
  seen = {now, 0};
  return unsaid;
}

}  // namespace observerd::telemetry
