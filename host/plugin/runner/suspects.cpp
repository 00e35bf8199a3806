#include "plugin/runner/suspects.hpp"

#include <algorithm>
#include <utility>

namespace observerd::plugin {
namespace {

constexpr std::size_t max_remembered = 100'000;

}  // namespace

bool Suspects::blame(const std::string& delivery_id) {
  const std::lock_guard lock(mutex_);
  const auto [place, first] = crashes_.try_emplace(delivery_id, 0);
  if (first) order_.push_back(delivery_id);
  if (++place->second >= max_crashes_of_item) {
    crashes_.erase(place);  // were it sent again by hand, it would have all its chances again
    return true;
  }
  while (order_.size() > max_remembered) {
    crashes_.erase(order_.front());
    order_.pop_front();
  }
  return false;
}

void Suspects::clear(const std::string& delivery_id) {
  const std::lock_guard lock(mutex_);
  if (crashes_.empty()) return;
  crashes_.erase(delivery_id);
  if (crashes_.empty()) order_.clear();
}

std::vector<Suspects::Part> Suspects::split(const std::vector<std::string>& delivery_ids) const {
  Part together;
  std::vector<std::pair<int, std::uint32_t>> alone;  // crashes, index
  {
    const std::lock_guard lock(mutex_);
    for (std::uint32_t i = 0; i < delivery_ids.size(); ++i) {
      const auto found = crashes_.empty() ? crashes_.end() : crashes_.find(delivery_ids[i]);
      if (found == crashes_.end()) {
        together.indices.push_back(i);
      } else {
        alone.emplace_back(found->second, i);
      }
    }
  }
  std::sort(alone.begin(), alone.end());
  std::vector<Part> parts;
  if (!together.indices.empty()) parts.push_back(std::move(together));
  for (const auto& [crashes, index] : alone) parts.push_back({{index}, true});
  return parts;
}

ItemResult poison_result() {
  ItemResult result;
  result.outcome = Outcome::Rejected;
  result.poison = true;
  result.code = "poison";
  result.message = "the plugin's process ended " + std::to_string(max_crashes_of_item) +
                   " times with this delivery in it";
  return result;
}

}  // namespace observerd::plugin
