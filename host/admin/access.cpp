#include "admin/access.hpp"

#include <openssl/crypto.h>

#include "base/strings.hpp"

namespace observerd::admin {
namespace {

/// The host of "HOST", "HOST:PORT", "[HOST]" or "[HOST]:PORT", without brackets.
std::string host_of(const std::string& header) {
  if (header.starts_with('[')) {
    const std::size_t end = header.find(']');
    return end == std::string::npos ? std::string() : header.substr(1, end - 1);
  }
  return header.substr(0, header.rfind(':'));
}

}  // namespace

Access::Access(const ListenAddress& listen, std::string token)
    : listen_(listen), token_(std::move(token)) {}

bool Access::has_token(const HttpRequest& request) const {
  constexpr std::string_view scheme = "Bearer ";
  if (request.count("Authorization") != 1) return false;
  const std::string_view given = *request.header("Authorization");
  if (given.size() <= scheme.size() || !ascii_iequals(given.substr(0, scheme.size()), scheme)) {
    return false;
  }
  const std::string_view token = trim(given.substr(scheme.size()));
  // In constant time, so that answers do not tell how much was right. The length may be known.
  return token.size() == token_.size() &&
         CRYPTO_memcmp(token.data(), token_.data(), token.size()) == 0;
}

bool Access::is_own_host(const std::string& header) const {
  const std::string host = ascii_lower(host_of(header));
  if (host == "localhost" || host == ascii_lower(listen_.host)) return true;
  const auto address =
      parse_listen_address(host.find(':') == std::string::npos ? host + ":0" : '[' + host + "]:0");
  return address && address->is_local();
}

std::optional<Refusal> Access::refuse(const HttpRequest& request, bool changes) const {
  if (!token_.empty()) {
    if (has_token(request)) return std::nullopt;
    return Refusal{401, "this needs the token of admin.token: Authorization: Bearer TOKEN"};
  }
  if (!listen_.is_local()) return Refusal{403, "there is no token, so only this machine may ask"};
  if (listen_.is_unix) return std::nullopt;
  const std::string* host = request.header("Host");
  if (host != nullptr && !is_own_host(*host)) {
    return Refusal{421, "\"" + *host + "\" is not a name of this server"};
  }
  if (changes && request.header(kRequestHeader) == nullptr) {
    return Refusal{403, std::string("what changes something needs the header ") + kRequestHeader +
                            ": 1 (or a token)"};
  }
  return std::nullopt;
}

}  // namespace observerd::admin
