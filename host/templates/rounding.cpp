#include "templates/rounding.hpp"

#include <algorithm>
#include <cstdint>

namespace observerd::templates {
namespace {

constexpr std::int64_t kMaxZeros = 10'000;

/// |value| = 0.DIGITS x 10^point.
struct Parts {
  bool negative = false;
  std::string digits;
  std::int64_t point = 0;
};

Parts take_apart(std::string_view literal) {
  Parts out;
  std::size_t at = 0;
  if (literal[at] == '-') {
    out.negative = true;
    ++at;
  }
  bool fraction = false;
  for (; at < literal.size() && literal[at] != 'e' && literal[at] != 'E'; ++at) {
    if (literal[at] == '.') {
      fraction = true;
    } else {
      out.digits += literal[at];
      if (!fraction) ++out.point;
    }
  }
  std::int64_t exponent = 0;
  bool minus = false;
  for (++at; at < literal.size(); ++at) {
    if (literal[at] == '-') minus = true;
    if (literal[at] < '0' || literal[at] > '9') continue;
    // Saturates far beyond any length that a literal can have.
    exponent = std::min<std::int64_t>(exponent * 10 + (literal[at] - '0'), 1'000'000'000'000);
  }
  out.point += minus ? -exponent : exponent;
  // Leading zeros would hide how large the number is.
  const std::size_t zeros = std::min(out.digits.find_first_not_of('0'), out.digits.size());
  out.digits.erase(0, zeros);
  out.point = out.digits.empty() ? 0 : out.point - static_cast<std::int64_t>(zeros);
  return out;
}

/// Adds one unit in the last place.
void increment(std::string& digits) {
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) {
    if (*digit != '9') {
      ++*digit;
      return;
    }
    *digit = '0';
  }
  digits.insert(digits.begin(), '1');
}

}  // namespace

std::optional<std::string> round_decimal(std::string_view literal, std::size_t decimals) {
  Parts parts = take_apart(literal);
  // How many of the digits stay. What comes of it are the digits of value x 10^decimals.
  const std::int64_t keep = parts.point + static_cast<std::int64_t>(decimals);
  const auto have = static_cast<std::int64_t>(parts.digits.size());
  if (keep < 0) {
    parts.digits.clear();
  } else if (keep >= have) {
    if (have > 0 && keep - have > kMaxZeros) return std::nullopt;
    if (have > 0) parts.digits.append(static_cast<std::size_t>(keep - have), '0');
  } else {
    const bool up = parts.digits[static_cast<std::size_t>(keep)] >= '5';
    parts.digits.resize(static_cast<std::size_t>(keep));
    if (up) increment(parts.digits);
  }
  if (parts.digits.size() <= decimals) {
    parts.digits.insert(0, decimals + 1 - parts.digits.size(), '0');
  }
  if (decimals > 0) parts.digits.insert(parts.digits.size() - decimals, 1, '.');
  const bool zero = parts.digits.find_first_not_of("0.") == std::string::npos;
  return (parts.negative && !zero ? "-" : "") + parts.digits;
}

}  // namespace observerd::templates
