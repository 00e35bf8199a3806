#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "common/http_types.hpp"
#include "observerd/sdk/result.hpp"

namespace observerd::common {

/// A token that many requests need and that one request gets: the value of their Authorization
/// header. However many wait, one is got at a time; it is renewed in the background before it
/// expires, and anew when a receiver refuses it. Thread-safe.
class TokenCache {
 public:
  struct Token {
    std::string header;        ///< "Bearer …"
    Milliseconds lifetime{0};  ///< from when it was asked for
    Milliseconds renew_after{0};
  };
  /// A token, or what becomes of the items that need it.
  using Outcome = std::variant<Token, sdk::Result>;
  /// The header's value, or what becomes of the item.
  using Answer = std::variant<std::string, sdk::Result>;

  /// Where tokens come from.
  struct Source {
    /// Begins to get one without blocking, and calls back once, at once or on any thread.
    std::function<void(std::function<void(Outcome)> done)> fetch;
    /// Whether an answer says that the token, and nothing else, is no good.
    std::function<bool(const Response& response)> is_refusal;
    /// A token younger than this is kept though refused: its issuer bears no earlier change.
    Milliseconds least_age{0};
    std::string shown = "Bearer ***";  ///< in a preview
  };

  TokenCache(Source source, const Clock& clock) : source_(std::move(source)), clock_(clock) {}

  /// Calls back once, at once or when a token has come.
  void use(std::function<void(const Answer& answer)> waiter);
  /// Forgets a token that was refused. False when there is no use in trying again.
  bool renew(const std::string& refused);
  bool is_refusal(const Response& response) const { return source_.is_refusal(response); }
  const std::string& shown() const { return source_.shown; }

 private:
  void fetch();
  void fetched(Outcome outcome, SteadyTime asked);

  const Source source_;
  const Clock& clock_;
  std::mutex mutex_;
  std::string header_;  ///< "" for none
  SteadyTime asked_{}, renew_at_{}, good_until_{};
  bool is_fetching_ = false;
  std::vector<std::function<void(const Answer&)>> waiters_;
};

}  // namespace observerd::common
