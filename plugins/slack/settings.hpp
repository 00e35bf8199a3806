#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "common/client_settings.hpp"
#include "common/route_settings.hpp"
#include "common/url.hpp"

namespace observerd::slack {

/// What the module has beside the settings of its HTTP client.
struct ModuleSettings {
  std::string token;  ///< "" when there is none
  common::Url api;    ///< base_url
};

/// One action's settings, checked. Members that are templates hold the text as configured; what the
/// host rendered for an item replaces them (message.hpp).
struct ActionSettings {
  std::optional<common::Url> webhook;  ///< else chat.postMessage
  bool has_fixed_channel = true;       ///< not a template: its absence is the configuration's fault
  json::Value message;                 ///< the members of the message as configured
  std::string lane_key;                ///< without the channel, which the host adds
};

ModuleSettings parse_module(const json::Value& settings, bool allow_http,
                            const common::ProblemFn& problem);
/// Each problem is reported with its JSON pointer; the result is of use only when there was none.
ActionSettings parse_action(const json::Value& settings, const ModuleSettings& module,
                            bool allow_http, const common::ProblemFn& problem);

}  // namespace observerd::slack
