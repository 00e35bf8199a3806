#include "email/connection.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <utility>

#include "common/easy_handle.hpp"
#include "common/form.hpp"
#include "common/name_failures.hpp"

namespace observerd::email {
namespace {

template <typename Value>
bool set(CURL* easy, CURLoption option, Value value) {
  return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

common::Request request_for(const Server& server) {
  common::Request request;
  request.method = "GET";
  request.has_body = false;
  request.connect_only = true;
  request.url.scheme = server.security == Security::Tls ? "smtps" : "smtp";
  request.url.host = server.host;
  request.url.port = server.port;
  const bool is_v6 = server.host.find(':') != std::string::npos;
  request.url.text = request.url.scheme + "://" + (is_v6 ? "[" + server.host + "]" : server.host) +
                     ":" + std::to_string(server.port) + "/" +
                     common::percent_encode(server.hello_name);
  return request;
}

bool set_login(CURL* easy, const Server& server) {
  if (server.login == Login::None) return true;
  if (!set(easy, CURLOPT_USERNAME, server.user.c_str())) return false;
  if (server.login == Login::XOAuth2) {
    return set(easy, CURLOPT_XOAUTH2_BEARER, server.secret.c_str()) &&
           set(easy, CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2");
  }
  return set(easy, CURLOPT_PASSWORD, server.secret.c_str()) &&
         set(easy, CURLOPT_LOGIN_OPTIONS,
             server.login == Login::Plain ? "AUTH=PLAIN" : "AUTH=LOGIN");
}

Failure failure(common::HttpError error, std::string detail) {
  Failure failure;
  failure.error = error;
  failure.detail = std::move(detail);
  return failure;
}

Failure ended(common::Wait wait) {
  if (wait == common::Wait::Cancelled) {
    return failure(common::HttpError::Cancelled, "the delivery was cancelled");
  }
  return failure(common::HttpError::Timeout, "no answer before the deadline");
}

}  // namespace

std::string Server::origin() const {
  return request_for(*this).url.scheme + "://" + host + ":" + std::to_string(port);
}

Connection::Connection(const Server& server, common::Request request)
    : server_(server), transfer_(server.client, std::move(request)) {}

Connection::~Connection() {
  if (socket_ != CURL_SOCKET_BAD) {
    constexpr std::string_view kQuit = "QUIT\r\n";
    std::size_t sent = 0;
    curl_easy_send(easy_, kQuit.data(), kQuit.size(), &sent);
  }
  if (multi_ != nullptr && easy_ != nullptr) curl_multi_remove_handle(multi_, easy_);
  if (easy_ != nullptr) curl_easy_cleanup(easy_);
  if (multi_ != nullptr) curl_multi_cleanup(multi_);
}

std::variant<std::unique_ptr<Connection>, Failure> Connection::open(
    const Server& server, const common::Patience& patience) {
  // Counted and thread-safe in libcurl from 7.84 on; never undone, as a plugin is never unloaded.
  static const bool is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  std::unique_ptr<Connection> connection(new Connection(server, request_for(server)));
  if (!is_ready || !connection->set_up()) {
    return failure(common::HttpError::Internal, "libcurl did not take the settings");
  }
  if (auto failed = connection->connect(patience)) return *std::move(failed);
  return connection;
}

bool Connection::set_up() {
  multi_ = curl_multi_init();
  easy_ = common::new_easy_handle(server_.client, server_.client.route);
  if (multi_ == nullptr || easy_ == nullptr || !transfer_.attach(easy_)) return false;
  const long tls = server_.security == Security::None ? CURLUSESSL_NONE : CURLUSESSL_ALL;
  return set(easy_, CURLOPT_PROTOCOLS_STR, "smtp,smtps") && set(easy_, CURLOPT_USE_SSL, tls) &&
         set(easy_, CURLOPT_SSL_ENABLE_ALPN, 0L) && set_login(easy_, server_) &&
         set(easy_, CURLOPT_HEADERFUNCTION, &Connection::on_line) &&
         set(easy_, CURLOPT_HEADERDATA, this) && curl_multi_add_handle(multi_, easy_) == CURLM_OK;
}

std::size_t Connection::on_line(char* data, std::size_t size, std::size_t count, void* self) {
  auto* connection = static_cast<Connection*>(self);
  // Lines that are too long or no answers end the connection: libcurl has its own reader, which is
  // given what was read here.
  if (!connection->replies_.add({data, size * count})) {
    connection->is_nonsense_ = true;
    return 0;
  }
  while (auto reply = connection->replies_.take()) {
    if (reply->code == 235) connection->is_logged_in_ = true;
    if (reply->code == 250) connection->capabilities_ = Capabilities::of(*reply);
    if (reply->code == 220) connection->is_greeted_ = true;
    connection->last_ = std::move(*reply);
  }
  return size * count;
}

std::optional<Failure> Connection::connect(const common::Patience& patience) {
  while (true) {
    int running = 0;
    curl_multi_perform(multi_, &running);
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
      if (message->msg == CURLMSG_DONE) return judge(message->data.result, patience);
    }
    if (patience.is_cancelled()) return ended(common::Wait::Cancelled);
    const auto time = patience.deadline - std::chrono::steady_clock::now();
    if (time <= std::chrono::nanoseconds(0)) {
      return failure(common::HttpError::ConnectTimeout, "no connection before the deadline");
    }
    std::array<curl_waitfd, 2> also{
        {{patience.cancel_fd, CURL_WAIT_POLLIN, 0}, {patience.stop_fd, CURL_WAIT_POLLIN, 0}}};
    constexpr Milliseconds kLook{200};
    const auto most = std::min(std::chrono::ceil<Milliseconds>(time), kLook);
    curl_multi_poll(multi_, also.data(), also.size(), static_cast<int>(most.count()), nullptr);
    if (also[0].revents != 0 || also[1].revents != 0) return ended(common::Wait::Cancelled);
  }
}

std::optional<Failure> Connection::judge(CURLcode code, const common::Patience& patience) {
  response_ = transfer_.finish(code);
  if (code != CURLE_OK) {
    Failure failed = refused_by_server(code);
    if (failed.reply || failed.stage != Stage::Connect) return failed;
    failed.error = is_nonsense_ ? common::HttpError::Malformed : response_.error;
    if (failed.error == common::HttpError::DnsTemporary) {
      failed.error = common::ask_resolver_within(server_.host, patience);
    }
    if (is_greeted_) failed.stage = Stage::Hello;
    failed.detail = is_nonsense_ ? "what the server said is no SMTP" : response_.detail;
    return failed;
  }
  // Where a server offers no login, libcurl goes on without one.
  if (server_.login != Login::None && !is_logged_in_) {
    Failure failed = failure(common::HttpError::Internal, "the server does not offer the login");
    failed.stage = Stage::Login;
    return failed;
  }
  curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket_);
  if (socket_ != CURL_SOCKET_BAD) return std::nullopt;
  return failure(common::HttpError::Reset, "the connection ended as it was made");
}

/// By the code that libcurl gives to what the server said no to.
Failure Connection::refused_by_server(CURLcode code) {
  Failure failed;
  failed.detail = response_.detail;
  bool is_refusal = last_ && !last_->is_positive();
  switch (code) {
    case CURLE_LOGIN_DENIED:
    case CURLE_AUTH_ERROR:
      failed.stage = Stage::Login;
      // 334 asks for more, which libcurl has not where a token was refused.
      is_refusal = is_refusal || (last_ && last_->code == 334);
      break;
    case CURLE_USE_SSL_FAILED:
      failed.stage = Stage::StartTls;
      break;
    default:
      // A no to the greeting or EHLO; anything else broke on the way.
      if (is_refusal) failed.stage = Stage::Hello;
      break;
  }
  if (is_refusal) failed.reply = std::move(last_);
  return failed;
}

bool Connection::is_stale() {
  pollfd polled{socket_, POLLIN, 0};
  return !replies_.is_empty() || poll(&polled, 1, 0) != 0;
}

std::optional<Failure> Connection::send(std::string_view bytes, const common::Patience& patience) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    const CURLcode code = curl_easy_send(easy_, bytes.data(), bytes.size(), &sent);
    if (code == CURLE_OK) {
      bytes.remove_prefix(sent);
    } else if (code == CURLE_AGAIN) {
      const common::Wait wait = common::wait_for(socket_, POLLOUT, patience);
      if (wait != common::Wait::Ready) return ended(wait);
    } else {
      return failure(common::HttpError::Reset, "the connection broke while sending");
    }
  }
  return std::nullopt;
}

std::variant<Reply, Failure> Connection::receive(const common::Patience& patience) {
  // The answers to several commands may come one by one, and a server that leaves Nagle's algorithm
  // on sends the second when the first is acknowledged: do that at once, not after 40 ms.
  const int on = 1;
  setsockopt(socket_, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
  while (true) {
    if (auto reply = replies_.take()) return *std::move(reply);
    std::array<char, 4096> buffer;
    std::size_t size = 0;
    const CURLcode code = curl_easy_recv(easy_, buffer.data(), buffer.size(), &size);
    if (code == CURLE_AGAIN) {
      const common::Wait wait = common::wait_for(socket_, POLLIN, patience);
      if (wait != common::Wait::Ready) return ended(wait);
    } else if (code != CURLE_OK || size == 0) {
      return failure(common::HttpError::Reset, "the server closed the connection");
    } else if (!replies_.add({buffer.data(), size})) {
      return failure(common::HttpError::Malformed, "what the server said is no SMTP");
    }
  }
}

}  // namespace observerd::email
