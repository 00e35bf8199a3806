#include "sms/sent.hpp"

namespace observerd::sms {

std::optional<std::string> Sent::find(std::string_view delivery, SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(std::string(delivery));
  if (found == entries_.end() || found->second.until <= now) return std::nullopt;
  return found->second.remote_id;
}

void Sent::add(std::string_view delivery, const std::string& remote_id, SteadyTime now) {
  if (window_.count() == 0) return;
  const std::lock_guard lock(mutex_);
  // One window for all, so they end in the order in which they came.
  while (!oldest_first_.empty() &&
         (entries_.size() >= kMost || entries_.find(oldest_first_.front())->second.until <= now)) {
    entries_.erase(oldest_first_.front());
    oldest_first_.pop_front();
  }
  const auto [entry, is_new] =
      entries_.try_emplace(std::string(delivery), Entry{now + window_, remote_id});
  if (is_new) oldest_first_.push_back(entry->first);
}

}  // namespace observerd::sms
