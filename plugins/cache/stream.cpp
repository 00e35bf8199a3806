#include "cache/stream.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "common/classify.hpp"
#include "common/easy_handle.hpp"
#include "common/name_failures.hpp"
#include "common/transfer.hpp"

namespace observerd::cache {
namespace {

using common::HttpError;

bool is_readable(int fd) {
  pollfd entry{fd, POLLIN, 0};
  return fd >= 0 && poll(&entry, 1, 0) > 0;
}

int on_progress(void* limit, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return is_readable(static_cast<const Limit*>(limit)->cancel_fd) ? 1 : 0;
}

Milliseconds remaining(SteadyTime deadline) {
  return std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
}

bool set_dial(CURL* easy, const Limit& limit) {
  const auto most = static_cast<long>(std::max(remaining(limit.deadline), Milliseconds(1)).count());
  return curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, most) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_SSL_ENABLE_ALPN, 0L) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &on_progress) == CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &limit) == CURLE_OK;
}

common::Request to_request(const Endpoint& endpoint, bool has_tls) {
  common::Request request;
  request.url.scheme = has_tls ? "https" : "http";
  request.url.host = endpoint.host;
  request.url.port = endpoint.port;
  request.url.text = request.url.scheme + "://" + endpoint.text() + "/";
  request.connect_only = true;
  return request;
}

}  // namespace

sdk::Result to_result(const Failure& failure) {
  common::Response response;
  response.error = failure.error;
  response.detail = failure.detail;
  return common::classify(response, {});
}

std::unique_ptr<Stream> Stream::dial(const common::ClientOptions& options, const Endpoint& endpoint,
                                     bool has_tls, const Limit& limit, Failure& failure) {
  CURL* const easy = common::new_easy_handle(options, options.route);
  common::Transfer transfer(options, to_request(endpoint, has_tls));
  if (easy == nullptr || !transfer.attach(easy) || !set_dial(easy, limit)) {
    curl_easy_cleanup(easy);
    failure = {HttpError::Internal, "no connection could be prepared"};
    return nullptr;
  }
  const common::Response response = transfer.finish(curl_easy_perform(easy));
  transfer.detach();
  failure = {response.error, endpoint.text() + ": " + response.detail};
  if (failure.error == HttpError::DnsTemporary) {
    failure.error = common::ask_resolver_within(endpoint.host, limit);
  }
  if (failure.error == HttpError::None) return std::unique_ptr<Stream>(new Stream(easy));
  curl_easy_cleanup(easy);
  if (is_readable(limit.cancel_fd)) failure.error = HttpError::Cancelled;
  return nullptr;
}

Stream::Stream(CURL* easy) : easy_(easy) {
  curl_easy_getinfo(easy_, CURLINFO_ACTIVESOCKET, &socket_);
  // It pointed to what ends with dialling.
  curl_easy_setopt(easy_, CURLOPT_NOPROGRESS, 1L);
}

Stream::~Stream() {
  curl_easy_cleanup(easy_);
}

bool Stream::fail(HttpError error, std::string detail) {
  failure_ = {error, std::move(detail)};
  return false;
}

bool Stream::wait(short events) {
  switch (common::wait_for(socket_, events, limit_)) {
    case common::Wait::Ready:
      return true;
    case common::Wait::TimedOut:
      return fail(HttpError::Timeout, "no answer in time");
    case common::Wait::Cancelled:
      break;
  }
  return fail(HttpError::Cancelled, "the host gave it up");
}

bool Stream::send(std::string_view bytes) {
  while (!bytes.empty()) {
    std::size_t sent = 0;
    const CURLcode code = curl_easy_send(easy_, bytes.data(), bytes.size(), &sent);
    if (code == CURLE_OK) {
      bytes.remove_prefix(sent);
    } else if (code != CURLE_AGAIN) {
      return fail(HttpError::Reset, curl_easy_strerror(code));
    } else if (!wait(POLLOUT)) {
      return false;
    }
  }
  return true;
}

bool Stream::receive(std::string& buffer) {
  constexpr std::size_t kPiece = 16'384;
  std::array<char, kPiece> piece;
  for (;;) {
    std::size_t got = 0;
    const CURLcode code = curl_easy_recv(easy_, piece.data(), piece.size(), &got);
    if (code == CURLE_OK && got > 0) {
      buffer.append(piece.data(), got);
      return true;
    }
    if (code == CURLE_OK) return fail(HttpError::Reset, "the server closed the connection");
    if (code != CURLE_AGAIN) return fail(HttpError::Reset, curl_easy_strerror(code));
    if (!wait(POLLIN)) return false;
  }
}

bool Stream::is_stale() const {
  return is_readable(socket_);
}

}  // namespace observerd::cache
