#pragma once

#include <curl/curl.h>

#include <memory>
#include <string>
#include <string_view>

#include "cache/endpoint.hpp"
#include "cache/wire_reader.hpp"
#include "common/http_types.hpp"
#include "common/patience.hpp"
#include "observerd/plugin.hpp"

namespace observerd::cache {

/// What bounds an exchange: its total deadline, and when the host wants no more of it.
using Limit = common::Patience;

/// Why an exchange ended early. `detail` holds nothing that was sent.
struct Failure {
  common::HttpError error = common::HttpError::None;
  std::string detail;
};

/// The outcome of an item whose exchange ended so: unknown, so again, but where it is the settings
/// that are wrong (common/classify.hpp).
sdk::Result to_result(const Failure& failure);

/// A connection, TLS or not, whose every wait ends at a total deadline. libcurl dials (it connects
/// and hands the bytes over), because then the address policy, TLS verification and client
/// certificates are those of every other action type; Poco's sockets have a timeout for each
/// operation only, and its relaxed verification skips names. Used by one thread.
class Stream final : public ByteSource {
 public:
  /// nullptr after setting `failure`.
  static std::unique_ptr<Stream> dial(const common::ClientOptions& options,
                                      const Endpoint& endpoint, bool has_tls, const Limit& limit,
                                      Failure& failure);
  ~Stream() override;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  /// Of everything from here on.
  void set_limit(const Limit& limit) { limit_ = limit; }
  /// False when not all could be sent; then, as after receive, failure() says why, and the
  /// connection is of no use any more.
  bool send(std::string_view bytes);
  bool receive(std::string& buffer) override;
  const Failure& failure() const { return failure_; }
  /// Whether the other side has closed it, or sent what nobody asked for, while it was idle.
  bool is_stale() const;

 private:
  explicit Stream(CURL* easy);
  bool wait(short events);
  bool fail(common::HttpError error, std::string detail);

  CURL* easy_;
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  Limit limit_;
  Failure failure_;
};

}  // namespace observerd::cache
