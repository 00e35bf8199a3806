#pragma once

#include <string>
#include <string_view>

namespace observerd {

/// Unicode simple case mapping of UTF-8 text: one code point becomes one code point ("ß" stays),
/// the same in every locale. The C library's towupper depends on the locale of the process.
std::string upper_case(std::string_view text);
std::string lower_case(std::string_view text);

}  // namespace observerd
