#pragma once

#include <string>

#include "common/http_types.hpp"
#include "email/patience.hpp"

namespace observerd::email {

/// Whether a name that libcurl could not resolve does not exist (DnsNotFound); DnsTemporary when
/// that cannot be told before the deadline.
common::HttpError ask_about_name(const std::string& host, const Patience& patience);

}  // namespace observerd::email
