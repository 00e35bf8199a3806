#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::email {

/// One mailbox as settings or an event name it. A plain value.
struct Mailbox {
  std::string name;    ///< shown to people, UTF-8 without control characters; may be empty
  std::string local;   ///< before the @, unquoted; UTF-8
  std::string domain;  ///< lower-case ASCII (A-labels), or an address literal in brackets

  /// As it stands in commands and headers: the local part quoted where it has to be.
  std::string address() const;
  /// Whether only servers with SMTPUTF8 (RFC 6531) can be told of it.
  bool needs_utf8() const;
};

/// Reads "name <local@domain>", "<local@domain>" or "local@domain". Exactly one mailbox: what looks
/// like a list, a group, a comment or a route is an error, as are control characters, so that a
/// value of an event can neither add a recipient nor end a line. In the first form the address is
/// what stands between the last < and the > that ends the text, and everything before is the name,
/// whatever it holds. Domains that are not ASCII become A-labels (IDNA 2008, RFC 5891). The error
/// says what is wrong and not what the text was.
Result<Mailbox> parse_mailbox(std::string_view text);

/// "bücher.example" as "xn--bcher-kva.example", in lower case; letters, digits and hyphens only.
Result<std::string> ascii_domain(std::string_view domain);

}  // namespace observerd::email
