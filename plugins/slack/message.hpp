#pragma once

#include <string>
#include <variant>

#include "common/http_types.hpp"
#include "observerd/plugin.hpp"
#include "slack/settings.hpp"

namespace observerd::slack {

/// The request that posts a message, and what such are paced by: the webhook, or the channel.
struct Post {
  common::Request request;
  std::string destination;
};

/// What posts an item's message, or why nothing does.
std::variant<Post, sdk::Result> build_message(const ActionSettings& action,
                                              const ModuleSettings& module, const sdk::Item& item);

/// A request to a method of the Web API, with the module's token. `body` is JSON.
Result<common::Request> api_request(const ModuleSettings& module, const std::string& method,
                                    std::string body);

}  // namespace observerd::slack
