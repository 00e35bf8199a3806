#include "email/taken.hpp"

namespace observerd::email {

std::set<std::string> Taken::of(std::string_view delivery) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(std::string(delivery));
  return found == entries_.end() ? std::set<std::string>() : found->second.recipients;
}

void Taken::add(std::string_view delivery, const std::vector<std::string>& recipients) {
  if (recipients.empty()) return;
  const std::lock_guard lock(mutex_);
  const auto [entry, is_new] = entries_.try_emplace(std::string(delivery));
  if (is_new) entry->second.place = oldest_first_.insert(oldest_first_.end(), entry->first);
  entry->second.recipients.insert(recipients.begin(), recipients.end());
  if (entries_.size() <= kMost) return;
  entries_.erase(oldest_first_.front());
  oldest_first_.pop_front();
}

void Taken::forget(std::string_view delivery) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(std::string(delivery));
  if (found == entries_.end()) return;
  oldest_first_.erase(found->second.place);
  entries_.erase(found);
}

}  // namespace observerd::email
