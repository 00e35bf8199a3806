#pragma once

#include <optional>
#include <string_view>

#include "base/clock.hpp"

namespace observerd::common {

/// An HTTP-date in any of its three forms (RFC 9110 section 5.6.7): IMF-fixdate, RFC 850, asctime.
/// A two-digit year that lies more than 50 years after `now` means the past.
std::optional<WallTime> parse_http_date(std::string_view text, WallTime now);

/// Retry-After (RFC 9110 section 10.2.3): how long to wait from `now`, for delta-seconds or a
/// date. A fraction of a second, which some servers send, is rounded up. Garbage, negative numbers
/// and dates in the past give nullopt. No upper limit but a year: the host has its own cap.
std::optional<Milliseconds> parse_retry_after(std::string_view text, WallTime now);

}  // namespace observerd::common
