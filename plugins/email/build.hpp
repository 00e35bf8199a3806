#pragma once

#include <string>
#include <variant>
#include <vector>

#include "email/message.hpp"
#include "email/settings.hpp"
#include "observerd/plugin.hpp"

namespace observerd::email {

/// A mail that is ready to go.
struct Mail {
  std::string sender;                   ///< of the envelope
  std::vector<std::string> recipients;  ///< each once
  std::string text;                     ///< signed
  bool needs_utf8 = false;
};

/// What is sent for an item, or why nothing is: REJECTED with
/// `email_bad_address`, `email_no_recipient`, `email_too_many_recipients`, `email_bad_header`,
/// `email_bad_attachment`, `bad_settings`; RETRY `email_not_signed`.
std::variant<Mail, sdk::Result> build_mail(const ActionSettings& action,
                                           const ModuleSettings& module, const sdk::Item& item,
                                           WallTime now);

}  // namespace observerd::email
