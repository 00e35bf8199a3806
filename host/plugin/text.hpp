#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "observerd/plugin.h"

namespace observerd::plugin {

inline observerd_str to_str(std::string_view text) {
  return {text.data(), text.size()};
}

/// A text of a plugin, copied: at most `max_bytes`, cut between characters; malformed UTF-8 and NUL
/// (which PostgreSQL's text cannot hold) become U+FFFD.
std::string clean_text(observerd_str text, std::size_t max_bytes);

}  // namespace observerd::plugin
