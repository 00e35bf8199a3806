#pragma once

#include <optional>
#include <string>

#include "admin/listen_address.hpp"
#include "admin/message.hpp"

namespace observerd::admin {

/// Why a request is not let in.
struct Refusal {
  int status = 403;
  std::string message;
};

/// Who may ask for what. Immutable, thread-safe.
///
/// With a token, every request for data must carry it ("Authorization: Bearer …"); browsers never
/// send that by themselves, so nothing more is needed against other sites' pages.
///
/// Without a token only this machine can get here, but a browser on this machine runs other sites'
/// pages. Over TCP the Host must therefore be this machine's own (a name that was rebound to
/// 127.0.0.1 is another one), and what changes something must carry the header X-Observerd-Request
/// (any value), which a page of another origin may not send without being asked for permission
/// first (a CORS preflight, which is never granted). Over a Unix socket the file's mode decides.
class Access {
 public:
  Access(const ListenAddress& listen, std::string token);

  /// nullopt: let it in. `changes` says that the request would change something.
  std::optional<Refusal> refuse(const HttpRequest& request, bool changes) const;
  /// Would refuse() let a question in? Then an answer may say more than yes or no.
  bool knows(const HttpRequest& request) const { return !refuse(request, false); }

 private:
  bool has_token(const HttpRequest& request) const;
  bool is_own_host(const std::string& host) const;

  const ListenAddress listen_;
  const std::string token_;
};

inline constexpr const char* kRequestHeader = "X-Observerd-Request";

}  // namespace observerd::admin
