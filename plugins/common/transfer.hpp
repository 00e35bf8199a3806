#pragma once

#include <curl/curl.h>

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "common/http_types.hpp"

namespace observerd::common {

/// One request on one easy handle: its options, what came back, and what libcurl's error means.
/// Used by one thread.
class Transfer {
 public:
  Transfer(const ClientOptions& options, Request request)
      : options_(options), request_(std::move(request)) {}
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  const Request& request() const { return request_; }
  const Route& route() const { return request_.route ? *request_.route : options_.route; }
  CURL* easy() const { return easy_; }

  /// Further headers, before attach().
  void add_headers(Headers headers);
  /// Why it must not even be tried, or nullopt: behind a proxy this is where the destination is
  /// vetted, as far as its name says what it is.
  std::optional<Response> refused() const;
  /// Puts the request onto a handle of new_easy_handle(), fresh or given back by detach(); it stays
  /// the caller's. False when libcurl refuses an option.
  bool attach(CURL* easy);
  /// The handle again, fit for another request, or nullptr when there is none. It must have been
  /// taken out of the multi handle.
  CURL* detach();
  /// What became of it. `code` is libcurl's.
  Response finish(CURLcode code);
  /// What can be said when it is ended from outside.
  Response interrupted(HttpError error, std::string detail) const;
  /// True once TCP (and TLS) stood: the receiver may have acted.
  bool is_connected() const;

 private:
  bool set_method();
  bool set_headers();
  bool set_aws_signature(const AwsKey& key);
  HttpError to_error(CURLcode code) const;
  HttpError connect_error() const;
  void measure(Response& response) const;

  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);

  const ClientOptions& options_;
  Request request_;
  CURL* easy_ = nullptr;
  curl_slist* header_list_ = nullptr;
  curl_slist* resolve_list_ = nullptr;
  std::array<char, CURL_ERROR_SIZE> error_text_{};

  Headers headers_;
  std::size_t header_bytes_ = 0;
  bool has_whole_head_ = false;  // the empty line after the headers was seen
  std::string body_;
  bool is_oversized_ = false;
  std::string peer_;     // dialled last
  std::string refused_;  // "127.0.0.1 (loopback)"
};

}  // namespace observerd::common
