#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/json.hpp"

namespace observerd {

/// Compares two JSON number literals as exact decimals of any size ("1e2" equals "100.00").
/// Cost is linear in the digits, never in the exponent.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b);

/// The canonical literal: equal numbers give equal text. For hashing and for keys of an index.
std::string canonical_number(std::string_view literal);

/// JSON equality with exact numbers; objects regardless of the order of members.
bool json_equal(const json::Value& a, const json::Value& b);

}  // namespace observerd
