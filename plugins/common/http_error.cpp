#include "common/http_types.hpp"

namespace observerd::common {

std::string_view error_code(HttpError error) {
  switch (error) {
    case HttpError::None:
      return "ok";
    case HttpError::BadUrl:
      return "bad_url";
    case HttpError::DnsTemporary:
      return "dns_temporary";
    case HttpError::DnsNotFound:
      return "dns_not_found";
    case HttpError::Refused:
      return "connection_refused";
    case HttpError::Reset:
      return "connection_reset";
    case HttpError::Unreachable:
      return "unreachable";
    case HttpError::ConnectTimeout:
      return "connect_timeout";
    case HttpError::Timeout:
      return "timeout";
    case HttpError::Tls:
      return "tls_error";
    case HttpError::Certificate:
      return "certificate_invalid";
    case HttpError::AddressRefused:
      return "address_refused";
    case HttpError::Malformed:
      return "malformed_answer";
    case HttpError::Truncated:
      return "truncated_answer";
    case HttpError::Oversized:
      return "oversized_answer";
    case HttpError::Proxy:
      return "proxy_error";
    case HttpError::Cancelled:
      return "cancelled";
    case HttpError::Internal:
      return "client_error";
  }
  return "client_error";
}

}  // namespace observerd::common
