#include "common/token_cache.hpp"

#include <utility>

namespace observerd::common {
namespace {

/// So long a token that could not be renewed in the background is used before the next try.
constexpr Milliseconds kRenewalPause{10'000};

}  // namespace

void TokenCache::use(std::function<void(const Answer&)> waiter) {
  std::string header;
  bool must_fetch = false;
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = clock_.steady_now();
    if (!header_.empty() && now < good_until_) header = header_;
    must_fetch = !is_fetching_ && (header.empty() || now >= renew_at_);
    is_fetching_ = is_fetching_ || must_fetch;
    if (header.empty()) waiters_.push_back(std::move(waiter));
  }
  // Outside the lock: both may call back here at once.
  if (must_fetch) fetch();
  if (!header.empty()) waiter(header);
}

void TokenCache::fetch() {
  source_.fetch(
      [this, asked = clock_.steady_now()](Outcome outcome) { fetched(std::move(outcome), asked); });
}

void TokenCache::fetched(Outcome outcome, SteadyTime asked) {
  std::vector<std::function<void(const Answer&)>> waiters;
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    is_fetching_ = false;
    waiters.swap(waiters_);
    if (auto* token = std::get_if<Token>(&outcome)) {
      header_ = std::move(token->header);
      asked_ = asked;
      renew_at_ = asked + token->renew_after;
      good_until_ = asked + token->lifetime;
      answer = header_;
    } else {
      renew_at_ = clock_.steady_now() + kRenewalPause;
      answer = std::get<sdk::Result>(std::move(outcome));
    }
  }
  for (const auto& waiter : waiters) waiter(answer);
}

bool TokenCache::renew(const std::string& refused) {
  const std::lock_guard lock(mutex_);
  if (header_ != refused) return true;  // another item has seen to it
  if (clock_.steady_now() - asked_ < source_.least_age) return false;
  header_.clear();
  return true;
}

}  // namespace observerd::common
