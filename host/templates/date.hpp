#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace observerd::templates {

/// A moment in UTC, cut to microseconds.
struct CivilTime {
  std::chrono::sys_days day;
  std::chrono::microseconds time{0};  ///< since midnight
};

/// Reads what PostgreSQL and RFC 3339 write: "2026-01-31T12:00:00.123456+02:00", with a space for
/// the T, an offset of +02, +0200, +02:00, +02:00:30, Z or none (then it is UTC: `timestamp`
/// columns have none), seconds optional, or a date alone. Years 0000 to 9999; nullopt for anything
/// else
/// ("infinity", BC).
std::optional<CivilTime> read_timestamp(std::string_view text);

/// The conversions of strftime that mean the same everywhere:
/// %Y %y %m %d %e %j %H %I %M %S %f (microseconds) %p %a %A %b %B %F %T %R %s %u %w %G %V %z %Z %n
/// %t %%. Names are English, whatever the locale of the process.
std::string format_date(const CivilTime& time, std::string_view format);
/// The first conversion of a format that is not among them, or "".
std::string unknown_conversion(std::string_view format);

}  // namespace observerd::templates
