#pragma once

#include <curl/curl.h>

#include "common/http_types.hpp"

namespace observerd::common {

/// An easy handle with everything set that is the same for all requests of one route: what is
/// trusted, what is permitted, how long a connection may take. nullptr when memory ran out or
/// libcurl refuses an option. Set once for each handle and kept from request to request.
CURL* new_easy_handle(const ClientOptions& options, const Route& route);

}  // namespace observerd::common
