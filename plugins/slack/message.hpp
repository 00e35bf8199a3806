#pragma once

#include <string>
#include <variant>

#include "common/http_types.hpp"
#include "observerd/plugin.hpp"
#include "slack/settings.hpp"

namespace observerd::slack {

/// The request that posts an item's message, or why there is none.
std::variant<common::Request, sdk::Result> build_message(const ActionSettings& action,
                                                         const ModuleSettings& module,
                                                         const sdk::Item& item);

/// A request to a method of the Web API, with the module's token. `body` is JSON.
Result<common::Request> api_request(const ModuleSettings& module, const std::string& method,
                                    std::string body);

/// What messages are paced by: the webhook, or the rendered channel.
std::string pace_key(const ActionSettings& action, const sdk::Item& item);

}  // namespace observerd::slack
