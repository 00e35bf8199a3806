#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "common/address_policy.hpp"
#include "common/headers.hpp"
#include "common/url.hpp"

namespace observerd::common {

/// Why there is no complete answer. RETRY, MISCONFIGURED and so on: see classify.hpp.
enum class HttpError : std::uint8_t {
  None,
  BadUrl,
  DnsTemporary,    ///< the name servers gave no answer
  DnsNotFound,     ///< they say that there is no such name
  Refused,         ///< the port is closed
  Reset,           ///< the connection broke, or ended without an answer
  Unreachable,     ///< no route
  ConnectTimeout,  ///< no connection (with TLS) in time
  Timeout,         ///< the total deadline; what the receiver did is unknown
  Tls,             ///< the handshake failed
  Certificate,     ///< the peer's is not valid for the name, or our own cannot be used
  AddressRefused,  ///< the address policy forbids every address of the name
  Malformed,       ///< not HTTP
  Truncated,       ///< the answer ended before its announced length
  Oversized,       ///< the answer exceeds the cap; status and headers are there
  Proxy,           ///< the proxy cannot be reached or refuses
  Cancelled,
  Internal,  ///< out of memory, a limit of the library
};

/// The short, stable name that becomes the code of a result: "connection_refused".
std::string_view error_code(HttpError error);

/// The way to a receiver: what one action may have otherwise than the others of its client.
/// Connections are shared only between requests of equal proxy (host and port), authorities and
/// client certificate.
struct Route {
  std::string proxy;    ///< "http://…" or "https://[user:password@]host:port"; "" for none
  std::string ca_file;  ///< trusted instead of the system's store, for an https proxy too
  std::string client_cert_file;             ///< PEM
  std::string client_key_file;              ///< PEM
  Milliseconds connect_timeout{5'000};      ///< name, TCP and TLS together
  std::size_t max_response_bytes = 65'536;  ///< of the body
};

/// How one client connects. Fixed for its lifetime.
struct ClientOptions {
  AddressPolicy addresses;
  bool allow_http = false;
  Route route;  ///< of requests that have none of their own
  std::string user_agent = "observerd";
  int max_connections = 64;  ///< requests at a time for each origin; HTTP/2 shares connections
  int max_active = 1'024;    ///< requests at a time in all
  /// "HOST:PORT:ADDRESS[,ADDRESS]…" answers in place of the resolver, and what it says about a
  /// name that could not be resolved: for tests.
  std::vector<std::string> resolve;
  std::function<HttpError(const std::string& host)> name_failure;
};

/// What signs a request to Amazon Web Services (Signature Version 4; libcurl does it).
struct AwsKey {
  std::string region, service;
  std::string id, secret;
};

struct Request {
  std::string method = "POST";
  Url url;
  /// Sent in this order, checked by the caller with is_header_name and is_header_value. What the
  /// client adds: wire_request.hpp.
  Headers headers;
  std::string body;
  bool has_body = true;
  /// Rather waits for a stream of a kept HTTP/2 connection than opens a further connection.
  bool is_multiplexed = false;
  /// Stop once the connection (with TLS) stands; nothing is sent.
  bool connect_only = false;
  std::shared_ptr<const Route> route = nullptr;  ///< nullptr: the client's
  std::shared_ptr<const AwsKey> aws = nullptr;   ///< nullptr: not signed
  /// Asked every 100 ms on the client's thread; true ends the request with Cancelled.
  std::function<bool()> cancelled;
};

struct Response {
  HttpError error = HttpError::None;
  std::string detail;    ///< for people; holds neither URL path nor header values
  int status = 0;        ///< 0 when no answer began
  int proxy_status = 0;  ///< what the proxy said to CONNECT
  Headers headers;       ///< of the final answer, at most 32 KiB
  std::string body;      ///< at most max_response_bytes
  std::string peer;      ///< the address that was dialled last for this request
  bool is_http2 = false;
  bool new_connection = false;
  std::chrono::microseconds connect_time{0};  ///< until TCP and TLS stood
  std::chrono::microseconds total_time{0};
  std::uint64_t sent_bytes = 0;      ///< of the request's body
  std::uint64_t received_bytes = 0;  ///< of the answer's body
};

}  // namespace observerd::common
