#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/clock.hpp"
#include "common/http_types.hpp"
#include "observerd/sdk/batch.hpp"
#include "webhook/settings.hpp"

namespace observerd::webhook {

/// The request for one item, or why there can be none (REJECTED: the rendered URL, a header or the
/// body is not acceptable, and a retry would render the same). `now` goes into webhook-timestamp:
/// each attempt is signed anew, over exactly the bytes of the body. `allow_http`: of the module.
std::variant<common::Request, sdk::Result> build_request(const ActionSettings& action,
                                                         const sdk::Item& item, bool allow_http,
                                                         WallTime now);

}  // namespace observerd::webhook
