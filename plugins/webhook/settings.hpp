#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "common/classify.hpp"
#include "common/client_settings.hpp"
#include "common/headers.hpp"
#include "common/signing.hpp"

namespace observerd::webhook {

/// One action's settings, checked. Members that are templates hold the text as configured; what the
/// host rendered for an item replaces them (request.hpp). Immutable; shared by the requests under
/// way, which may outlive the action.
struct ActionSettings {
  std::string url;
  std::string method = "POST";
  common::Headers headers;          ///< names checked and unique; values checked when constant
  std::optional<std::string> body;  ///< nullopt: the event's JSON
  std::string content_type = "application/json";
  std::shared_ptr<const common::WebhookSigner> signer;  ///< nullptr: not signed
  std::optional<Milliseconds> timeout;
  common::StatusOverrides codes;
  /// "https://host:port" when every rendering has the same; otherwise "".
  std::string origin;
};

/// Parses and checks one action's settings. Each problem is reported with its JSON pointer; the
/// result is of use only when there was none. `allow_http`: of the module.
ActionSettings parse_action(const json::Value& settings, bool allow_http,
                            const common::ProblemFn& problem);

/// The text of a body: a string as it is, anything else as compact JSON.
std::string body_text(const json::Value& body);

/// True when a text holds a template tag, so that its value is known only when rendered.
bool is_template(std::string_view text);

}  // namespace observerd::webhook
