#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// How an entry of the log is written. Whatever a message or a field holds, an entry is one line,
/// cannot pass for another one, and cannot move a terminal's cursor or turn its text around.
namespace observerd::telemetry {

using LogField = std::pair<std::string_view, std::string>;

/// Longer texts are cut, and say by how much.
inline constexpr std::size_t kMaxLogTextBytes = 16 * 1024;

/// `message key=value key="other value"`. What is no plain word is in quotes, escaped as in JSON.
std::string text_line(std::string_view message, const std::vector<LogField>& fields);

/// `"message":"…","key":"…"`: the members that follow time and level. A key that is taken (time,
/// level, message, or an earlier field's) gets underscores at its end until it is not.
std::string json_members(std::string_view message, const std::vector<LogField>& fields);

}  // namespace observerd::telemetry
