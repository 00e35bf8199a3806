#pragma once

#include <string>

#include "common/http_types.hpp"

namespace observerd::common {

/// The headers of a request that libcurl is told to send, in order: the caller's, with
/// Accept-Encoding and User-Agent where they are not among them. libcurl itself puts Host first,
/// where it is not among them (that of the URL, or another name of a server that has several), and
/// Content-Length last, and nothing else.
Headers wire_headers(const Request& request, const std::string& user_agent);

/// The whole request for a person to read: method and URL, every header as HTTP/1.1 sends it, an
/// empty line, the body. Holds what secrets the request holds, but for the password of Basic.
std::string request_text(const Request& request, const std::string& user_agent);

}  // namespace observerd::common
