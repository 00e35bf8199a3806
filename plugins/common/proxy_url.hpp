#pragma once

#include <string>

#include "base/status.hpp"

namespace observerd::common {

/// Whether a text names a forward proxy: "http://HOST[:PORT]" or "https://…", a user name and
/// password before the host if need be, nothing after the port. Other kinds are refused: with SOCKS
/// the address of a receiver could be vetted neither here nor, as a rule, there. The error is OB005
/// and does not repeat the text, which may hold a password.
Status check_proxy_url(const std::string& text);

/// "proxy.example.com:3128" of such a URL; the port is there when the text has one.
std::string proxy_host(const std::string& text);

}  // namespace observerd::common
