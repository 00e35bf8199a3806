#pragma once

#include <string>

#include "base/status.hpp"

namespace observerd::common {

/// An absolute http or https URL that may be requested.
struct Url {
  std::string text;    ///< normalised: the fragment gone, bytes outside ASCII percent-encoded
  std::string scheme;  ///< "https"
  std::string host;    ///< lower case, ASCII; an IPv6 address without brackets
  int port = 0;        ///< the scheme's own when the URL names none

  bool is_https() const { return scheme == "https"; }
  /// The value of the Host header: without the port when it is the scheme's own.
  std::string authority() const;
  /// "https://api.example.com:443": what a lane and a connection limit are keyed by.
  std::string origin() const;
};

/// Refuses what is not absolute, has another scheme, no host or one outside ASCII, a user name or
/// password (they would end up in logs), control characters or spaces, or a "." or ".." path
/// segment (event data must not climb out of the path it was put in). The error is OB005 and does
/// not repeat the URL, which may hold a secret.
Result<Url> parse_url(const std::string& text);

/// The host of an absolute URL, "" when there is none: for messages.
std::string host_of_url(const std::string& text);

}  // namespace observerd::common
