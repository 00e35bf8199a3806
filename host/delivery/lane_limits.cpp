#include "delivery/lane_limits.hpp"

#include <algorithm>

namespace observerd::delivery {

void LaneLimits::add(const std::string& observer, const PreparedAction& action) {
  const bool splits = action.settings.splits_lanes();
  const std::string name = lane_name(observer, action, "");
  if (splits) longest_ = std::max(longest_, name.size());
  std::size_t& most = (splits ? beginnings_ : lanes_)[name];
  most = std::max(most, static_cast<std::size_t>(action.delivery.concurrency));
}

std::optional<std::size_t> LaneLimits::most(const std::string& lane) const {
  std::size_t most = 0;
  if (const auto found = lanes_.find(lane); found != lanes_.end()) most = found->second;
  // The rendered part follows after a space, and may hold some itself.
  for (std::size_t end = lane.find(' '); end < std::min(lane.size(), longest_);) {
    end = std::min(lane.find(' ', end + 1), lane.size());
    const auto found = beginnings_.find(std::string_view(lane).substr(0, end));
    if (found != beginnings_.end()) most = std::max(most, found->second);
  }
  return most == 0 ? std::nullopt : std::optional(most);
}

}  // namespace observerd::delivery
