#pragma once

#include <curl/curl.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "common/http_types.hpp"
#include "common/patience.hpp"
#include "common/transfer.hpp"
#include "email/reply.hpp"
#include "observerd/plugin.hpp"

namespace observerd::email {

enum class Security : std::uint8_t { StartTls, Tls, None };
enum class Login : std::uint8_t { None, Plain, Login, XOAuth2 };

/// The server that takes the mail, and how it is spoken to.
struct Server {
  std::string host;  ///< ASCII
  int port = 587;
  Security security = Security::StartTls;
  Login login = Login::None;
  std::string user, secret;      ///< the secret is a password or an access token
  std::string hello_name;        ///< said in EHLO; "" for this machine's
  common::ClientOptions client;  ///< address policy, certificates, connect_timeout

  /// "smtp://host:port": what a lane is keyed by.
  std::string origin() const;
};

/// How far a mail had come.
enum class Stage : std::uint8_t {
  Connect,  ///< name, TCP, TLS
  Hello,    ///< greeting, EHLO
  StartTls,
  Login,
  Mail,       ///< the sender
  Recipient,  ///< all of them
  Data,       ///< DATA, and the message up to its end
  Final,      ///< the message was there whole
};

/// Why something came to nothing: an answer of the server, or that there was none.
struct Failure {
  Stage stage = Stage::Connect;
  std::optional<Reply> reply;  ///< the answer that refused it
  /// Without an answer: what happened, as with any connection (common/classify.hpp).
  common::HttpError error = common::HttpError::None;
  std::string detail;
};

/// One connection to a server, logged in. libcurl makes it (name, address policy, TLS, EHLO,
/// STARTTLS, SASL) and encrypts; what is said afterwards is said here, because libcurl waits for
/// the last answer to a mail without regard to deadlines, closes the connection at every refusal,
/// and tells nothing of the single recipients. Used by one thread at a time.
class Connection {
 public:
  static std::variant<std::unique_ptr<Connection>, Failure> open(const Server& server,
                                                                 const common::Patience& patience);
  /// Says QUIT, without waiting for an answer.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const Capabilities& capabilities() const { return capabilities_; }
  /// What the connection cost, for metrics.
  const common::Response& response() const { return response_; }
  /// Whether the server has said anything since the last answer, such as goodbye.
  bool is_stale();

  /// These give the failure without its stage.
  std::optional<Failure> send(std::string_view bytes, const common::Patience& patience);
  std::variant<Reply, Failure> receive(const common::Patience& patience);

 private:
  Connection(const Server& server, common::Request request);
  bool set_up();
  std::optional<Failure> connect(const common::Patience& patience);
  std::optional<Failure> judge(CURLcode code, const common::Patience& patience);
  Failure refused_by_server(CURLcode code);
  static std::size_t on_line(char* data, std::size_t size, std::size_t count, void* self);

  const Server& server_;
  common::Transfer transfer_;
  CURLM* multi_ = nullptr;
  CURL* easy_ = nullptr;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  ReplyReader replies_;
  std::optional<Reply> last_;  // while connecting
  bool is_logged_in_ = false;
  bool is_greeted_ = false;
  bool is_nonsense_ = false;
  Capabilities capabilities_;
  common::Response response_;
};

}  // namespace observerd::email
