#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace observerd::common {

/// Name and value, in the order in which they are sent.
using Headers = std::vector<std::pair<std::string, std::string>>;

/// A token (RFC 9110 section 5.6.2).
bool is_header_name(std::string_view name);

/// A field value (RFC 9110 section 5.5): no control character but the tab, so neither CR, LF nor
/// NUL; no white space at either end. Bytes above 127 are legal (obs-text).
bool is_header_value(std::string_view value);

/// Names that belong to the client or to the connection: the framing of the message would come
/// apart if settings could set them. Case does not matter.
bool is_reserved_header(std::string_view name);

/// The value of the first header of that name (case does not matter), or nullptr.
const std::string* find_header(const Headers& headers, std::string_view name);

}  // namespace observerd::common
