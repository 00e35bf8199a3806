#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

/// The few pieces of PostgreSQL's text formats that the ledger's columns are made of.
namespace observerd::source {

/// Takes a decimal number off the front of `text`; false when there is none that fits.
template <typename T>
bool take_number(std::string_view& text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

/// Takes one character off the front of `text`.
inline bool take(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected) return false;
  text.remove_prefix(1);
  return true;
}

/// The number that is all of `text`, or `fallback`.
template <typename T>
T number_or(std::string_view text, T fallback) {
  T value{};
  return take_number(text, value) && text.empty() ? value : fallback;
}

/// A bigint[] of one dimension without nulls, "{1,2}". OB019 when it is none.
Result<std::vector<std::int64_t>> parse_array(std::string_view text);
std::string array_text(const std::vector<std::int64_t>& values);

}  // namespace observerd::source
