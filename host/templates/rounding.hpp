#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace observerd::templates {

/// A JSON number literal with exactly `decimals` digits behind the point, rounded half away from
/// zero on the decimal digits: 2.675 gives 2.68, never 2.67. The result has no exponent and no
/// negative zero. nullopt when writing it out would take more than ten thousand zeros (1e999999).
std::optional<std::string> round_decimal(std::string_view literal, std::size_t decimals);

}  // namespace observerd::templates
