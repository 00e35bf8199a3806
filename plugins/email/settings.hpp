#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "common/client_settings.hpp"
#include "email/address.hpp"
#include "email/connection.hpp"
#include "email/dkim.hpp"

namespace observerd::email {

/// What the module's settings say.
struct ModuleSettings {
  Server server;
  std::optional<Milliseconds> timeout;
  std::size_t max_connections = 8;
  std::optional<Mailbox> from;
  std::string envelope_from;  ///< an address; "" for the sender's
  std::optional<DkimSigner> signer;
};

/// One action's settings. Members that are templates hold the text as configured; what the host
/// rendered for an item replaces them (build.hpp).
struct ActionSettings {
  json::Value members;
  bool has_fixed_sender = true;  ///< not of a template: its refusal is the configuration's fault
};

/// Each problem is reported with its JSON pointer; the results are of use only when there was none.
ModuleSettings parse_module(const json::Value& settings, const common::ProblemFn& problem);
ActionSettings parse_action(const json::Value& settings, const ModuleSettings& module,
                            const common::ProblemFn& problem);

}  // namespace observerd::email
