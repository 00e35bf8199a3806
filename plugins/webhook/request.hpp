#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "common/http_types.hpp"
#include "observerd/sdk/batch.hpp"
#include "webhook/settings.hpp"

namespace observerd::webhook {

/// What the module adds to every request.
struct RequestDefaults {
  std::string user_agent;
  bool allow_http = false;
};

/// The request for one item, or why there can be none (REJECTED: the rendered URL or a header is
/// not acceptable, and a retry would render the same). `now` goes into webhook-timestamp: each
/// attempt is signed anew, over exactly the bytes of the body.
std::variant<common::Request, sdk::Result> build_request(const ActionSettings& action,
                                                         const sdk::Item& item,
                                                         const RequestDefaults& defaults,
                                                         WallTime now);

/// The request as text: method and URL, headers, an empty line, the body.
std::string request_text(const common::Request& request);

}  // namespace observerd::webhook
