#pragma once

#include <cstddef>
#include <string_view>

#include "config/section.hpp"

namespace observerd::config {

/// Where byte `offset` of a string's value was written: an offset into `source`, in which the
/// string's opening quote is at `quote`. An escape counts as a whole.
std::size_t offset_in_literal(std::string_view source, std::size_t quote, std::size_t offset);

/// The place of a problem in a condition. `inside` has line and column in `text`, which was written
/// as `written`: a literal, or a reference, which is then the place.
Place condition_place(const Sources& sources, const json::Value& written, std::string_view text,
                      const Place& inside, std::string pointer);

}  // namespace observerd::config
