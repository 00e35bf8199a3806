#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "config/settings.hpp"
#include "plugin/module.hpp"

namespace observerd::delivery {

/// The delay after failed try number `failures` (1 for the first), before jitter:
/// exponential min(initial·multiplier^(n-1), max), linear min(initial·n, max), fixed
/// min(initial, max).
Milliseconds base_delay(const config::RetrySettings& retry, int failures);

/// With jitter: ±fraction applied last, never above max. `random` is in [0, 1).
Milliseconds jittered_delay(const config::RetrySettings& retry, int failures, double random);

/// A receiver's Retry-After wins within [own delay, max(own delay, cap)].
Milliseconds honour_retry_after(Milliseconds own, Milliseconds asked, Milliseconds cap);

/// What is known about a delivery when a try has ended.
struct TryFacts {
  int attempts = 1;  ///< tries that count, this one included
  int tries = 1;     ///< all tries, this one included
  WallTime now;
  WallTime event_created;
  /// See unavailable_since(); nullopt when this try is the first that found it so.
  std::optional<WallTime> unavailable_since;
};

/// Since when a delivery's destination has been unavailable, after a try: UNAVAILABLE begins it,
/// what is no answer (CANCELLED, UNKNOWN) leaves it as it was, everything else ends it.
std::optional<WallTime> unavailable_since(plugin::Outcome outcome, std::optional<WallTime> before,
                                          WallTime now);

/// What becomes of the delivery.
struct Verdict {
  enum class Kind : unsigned char { Delivered, Again, Terminal };
  Kind kind = Kind::Delivered;
  bool costs_attempt = true;  ///< of Again: false for UNAVAILABLE, CANCELLED, what needs a person
  bool needs_person = false;  ///< of Again: held until somebody repairs it, looked at after `delay`
  Milliseconds delay{0};      ///< of Again
  Code code = Code::Ok;       ///< of Again OB006, of Terminal OB007 or OB013
  std::string why;            ///< of Terminal: one sentence
};

/// The whole retry policy, a pure function: outcome and facts in, verdict out.
Verdict decide(const plugin::ItemResult& result, const config::DeliverySettings& settings,
               const TryFacts& facts, double random);

}  // namespace observerd::delivery
