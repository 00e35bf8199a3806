#pragma once

#include <cstdint>
#include <string>

#include "base/clock.hpp"

namespace observerd::config {

/// The shortest text that parse_duration reads as this: "90s", "2m", "1h", "7d".
std::string format_duration(Milliseconds duration);
/// The shortest text that parse_bytes reads as this: "64MiB", "1000B".
std::string format_bytes(std::int64_t bytes);

}  // namespace observerd::config
