#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "common/classify.hpp"
#include "common/client_settings.hpp"
#include "common/headers.hpp"
#include "common/signing.hpp"
#include "webhook/cloudevent.hpp"

namespace observerd::webhook {

/// How an event is put into a request. Plain and Standard differ in that Standard insists on a
/// signing secret.
enum class Format : std::uint8_t { Plain, Standard, CloudEvents, CloudEventsBinary };
bool is_cloudevent(Format format);

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
  Format format = Format::Plain;
  CloudEventNames cloudevent;
  common::StatusOverrides codes;
  std::shared_ptr<const common::Route> route;  ///< nullptr: the module's
  /// "https://host:port" when every rendering has the same; otherwise "".
  std::string origin;
};

/// Parses and checks one action's settings. Each problem is reported with its JSON pointer; the
/// result is of use only when there was none. `module` is what the action's own route builds on.
ActionSettings parse_action(const json::Value& settings, const common::ClientSettings& module,
                            const common::ProblemFn& problem);

/// The text of a body: a string as it is, anything else as compact JSON.
std::string body_text(const json::Value& body);

}  // namespace observerd::webhook
