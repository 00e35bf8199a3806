#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::templates {

/// The front of an absolute http or https URL (RFC 3986 section 3), lower-cased.
struct UrlOrigin {
  std::string scheme;
  std::string host;     ///< an IPv6 address keeps its brackets; never empty
  int port = 0;         ///< the scheme's own when none is written
  std::size_t end = 0;  ///< where the path, the query or the fragment begins

  /// "https://api.example.com:443"
  std::string to_string() const;
};

/// nullopt when `url` does not start with http:// or https://, a host and, if any, a port number.
std::optional<UrlOrigin> read_origin(std::string_view url);

/// Everything but the unreserved characters as %XX (RFC 3986 section 2.3).
void percent_encode(std::string& out, std::string_view text);

/// OB008 unless the text is an absolute http or https URL without control characters, blanks,
/// quotes, angle brackets and backslashes: what may stand at the very beginning of a URL.
Status check_absolute_url(std::string_view text);

struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Whether a segment of a URL's path that touches one of `values` (in order) is "." or "..": such a
/// segment climbs out of its place when the URL is resolved (RFC 3986 section 5.2.4), and encoding
/// the dots does not change that.
bool makes_dot_segment(std::string_view url, const std::vector<ByteRange>& values);

}  // namespace observerd::templates
