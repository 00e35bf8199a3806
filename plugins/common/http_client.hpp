#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/status.hpp"
#include "common/http_types.hpp"

namespace observerd::common {

/// The one client for outbound HTTP, on libcurl's multi interface with one thread of its own.
///
/// - HTTP/1.1, and HTTP/2 where TLS negotiates it; connections are kept and shared.
/// - A deadline is total: name, queue, connection, request and answer. It holds against a server
///   that sends a byte now and then, and while waiting for a free connection.
/// - Every address is vetted when it is dialled (address_policy.hpp). With a proxy, which dials in
///   our place, the host is vetted as far as its text goes; the proxy's own address is not.
/// - No redirects, cookies, netrc, authentication of its own or proxy from the environment;
///   TLS 1.2 at least; answers are never inflated and are cut off at a cap.
/// - A request on a kept connection that the server closes before any answer is sent again once by
///   libcurl (RFC 9110 section 9.2.2): give requests an id that the receiver can tell apart by.
///
/// All functions are thread-safe.
class HttpClient {
 public:
  /// Called once per request on the client's thread, which must not be blocked; may submit again.
  using Callback = std::function<void(Response response)>;
  using Ticket = std::uint64_t;

  struct Job {
    Request request;
    SteadyTime deadline;
    Callback callback;
    SteadyTime not_before{};  ///< waits until then without a place in the origin's queue
    bool is_held = false;     ///< waits for release() first
  };

  /// Starts the thread. The error is OB006: the system gave no thread, descriptor or memory.
  static Result<std::unique_ptr<HttpClient>> create(ClientOptions options);
  /// As stop().
  ~HttpClient();
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  Ticket submit(Request request, SteadyTime deadline, Callback callback);
  /// Several at once, for one wake-up of the thread. The ticket of the first; they are consecutive.
  Ticket submit(std::vector<Job> jobs);
  /// Lets a held request go, with these further headers. Does nothing when it has ended.
  void release(Ticket ticket, Headers headers);
  /// Ends a request with Cancelled unless it has ended; the callback comes in any case.
  void cancel(Ticket ticket);
  /// Waits for one request. Not on the client's own thread.
  Response perform(Request request, SteadyTime deadline);
  /// Ends everything with Cancelled, waits for the callbacks, ends the thread. What is submitted
  /// later ends with Cancelled at once. Idempotent.
  void stop();

 private:
  class Worker;
  explicit HttpClient(std::unique_ptr<Worker> worker);
  std::unique_ptr<Worker> worker_;
};

}  // namespace observerd::common
