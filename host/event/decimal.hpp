#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace observerd {

/// Compares two JSON number literals as exact decimals of any size ("1e2" equals "100.00").
/// Cost is linear in the digits, never in the exponent.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b);

/// The canonical literal: equal numbers give equal text. For hashing and for keys of an index.
std::string canonical_number(std::string_view literal);

/// True when the whole text is a number as JSON writes it (RFC 8259 section 6).
bool is_number_literal(std::string_view text);

/// mantissa / 10^scale: what nearly every number in a row fits in. Compares without looking at text
/// again; a constant is read once. A plain value.
struct SmallDecimal {
  std::int64_t mantissa = 0;
  int scale = 0;  ///< 0 to 18

  /// nullopt when the literal has an exponent or more than 18 digits: use compare_numbers then.
  static std::optional<SmallDecimal> parse(std::string_view literal);
  std::strong_ordering operator<=>(const SmallDecimal& other) const {
    return scale == other.scale ? mantissa <=> other.mantissa : compare_scaled(other);
  }
  bool operator==(const SmallDecimal& other) const { return (*this <=> other) == 0; }

 private:
  std::strong_ordering compare_scaled(const SmallDecimal& other) const;
};

/// JSON equality with exact numbers; objects regardless of the order of members.
bool json_equal(const json::Value& a, const json::Value& b);

}  // namespace observerd
