#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace observerd {

/// "1500ms", "30s", "5m", "1h", "7d": a whole number and a unit; nullopt when malformed or longer
/// than a hundred years.
std::optional<Milliseconds> parse_duration(std::string_view text);
/// "64MiB", "10kB", "1000": B kB MB GB TB (powers of 1000), KiB MiB GiB TiB (of 1024); nullopt when
/// malformed or beyond 2^62.
std::optional<std::int64_t> parse_bytes(std::string_view text);

struct Rate {
  int count = 1;
  Milliseconds per{1000};
};
/// "50/s", "100/m", "5/h": a whole number above 0 and a unit of time (s, m, h, d); nullopt when
/// malformed.
std::optional<Rate> parse_rate(std::string_view text);

/// The shortest text that parse_duration reads as this: "90s", "2m", "1h", "7d".
std::string format_duration(Milliseconds duration);
/// The shortest text that parse_bytes reads as this: "64MiB", "1000B".
std::string format_bytes(std::int64_t bytes);

}  // namespace observerd
