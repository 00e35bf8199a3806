#include <cerrno>
#include <cstring>

#include "common/transfer.hpp"

/// What libcurl's codes mean for a delivery.
namespace observerd::common {
namespace {

long info(CURL* easy, CURLINFO which) {
  long value = 0;
  curl_easy_getinfo(easy, which, &value);
  return value;
}

std::chrono::microseconds time_info(CURL* easy, CURLINFO which) {
  curl_off_t value = 0;
  curl_easy_getinfo(easy, which, &value);
  return std::chrono::microseconds(value);
}

std::uint64_t bytes_info(CURL* easy, CURLINFO which) {
  curl_off_t value = 0;
  curl_easy_getinfo(easy, which, &value);
  return value > 0 ? static_cast<std::uint64_t>(value) : 0;
}

std::string refusal_text(const std::string& address) {
  return "the address " + address + " may not be dialled; see allow_addresses";
}

}  // namespace

bool Transfer::is_connected() const {
  return easy_ != nullptr && time_info(easy_, CURLINFO_PRETRANSFER_TIME_T).count() > 0;
}

void Transfer::measure(Response& response) const {
  response.peer = peer_;
  if (easy_ == nullptr) return;
  response.new_connection = info(easy_, CURLINFO_NUM_CONNECTS) > 0;
  response.is_http2 = info(easy_, CURLINFO_HTTP_VERSION) == CURL_HTTP_VERSION_2_0;
  response.connect_time = time_info(easy_, CURLINFO_PRETRANSFER_TIME_T);
  response.total_time = time_info(easy_, CURLINFO_TOTAL_TIME_T);
  response.sent_bytes = bytes_info(easy_, CURLINFO_SIZE_UPLOAD_T);
  response.received_bytes = bytes_info(easy_, CURLINFO_SIZE_DOWNLOAD_T);
  if (peer_.empty()) {  // a kept connection
    const char* address = nullptr;
    curl_easy_getinfo(easy_, CURLINFO_PRIMARY_IP, &address);
    if (address != nullptr) response.peer = address;
  }
}

std::optional<Response> Transfer::refused() const {
  if (route().proxy.empty()) return std::nullopt;  // vetted when it is dialled
  const std::string_view why = options_.addresses.refusal_of_name(request_.url.host);
  if (why.empty()) return std::nullopt;
  Response response;
  response.error = HttpError::AddressRefused;
  response.detail = refusal_text(request_.url.host + " (" + std::string(why) + ")");
  return response;
}

Response Transfer::interrupted(HttpError error, std::string detail) const {
  Response response;
  response.error = error;
  response.detail = std::move(detail);
  measure(response);
  return response;
}

Response Transfer::finish(CURLcode code) {
  Response response;
  measure(response);
  response.status = static_cast<int>(info(easy_, CURLINFO_RESPONSE_CODE));
  response.proxy_status = static_cast<int>(info(easy_, CURLINFO_HTTP_CONNECTCODE));
  response.headers = std::move(headers_);
  response.body = std::move(body_);
  if (code == CURLE_OK) {
    // libcurl takes a connection that ends among the headers for a complete answer.
    if (!request_.connect_only && !has_whole_head_) {
      response.error = HttpError::Truncated;
      response.detail = "the answer ended within its headers";
    }
    return response;
  }
  response.error = to_error(code);
  response.detail = error_text_[0] != '\0' ? error_text_.data() : curl_easy_strerror(code);
  if (response.error == HttpError::AddressRefused) {
    response.detail = refusal_text(refused_);
  } else if (response.error == HttpError::Oversized) {
    response.detail = "the answer exceeds " + std::to_string(route().max_response_bytes) + " bytes";
  }
  return response;
}

HttpError Transfer::connect_error() const {
  // Another address of the name was dialled and failed: that is what the operator should hear.
  if (peer_.empty() && !refused_.empty()) return HttpError::AddressRefused;
  if (!route().proxy.empty()) return HttpError::Proxy;
  switch (info(easy_, CURLINFO_OS_ERRNO)) {
    case ETIMEDOUT:
      return HttpError::ConnectTimeout;
    case ECONNRESET:
    case EPIPE:
      return HttpError::Reset;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
    case EACCES:
    case EPERM:
      return HttpError::Unreachable;
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
      return HttpError::Internal;
    default:
      return HttpError::Refused;
  }
}

HttpError Transfer::to_error(CURLcode code) const {
  switch (code) {
    case CURLE_URL_MALFORMAT:
      return HttpError::BadUrl;
    case CURLE_UNSUPPORTED_PROTOCOL:  // also what HTTP/0.9 gives
      return is_connected() ? HttpError::Malformed : HttpError::BadUrl;
    case CURLE_COULDNT_RESOLVE_HOST:
      return HttpError::DnsTemporary;  // the client finds out whether the name exists
    case CURLE_COULDNT_CONNECT:
      return connect_error();
    case CURLE_OPERATION_TIMEDOUT:
      if (is_connected()) return HttpError::Timeout;
      return route().proxy.empty() ? HttpError::ConnectTimeout : HttpError::Proxy;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CIPHER:
      return HttpError::Tls;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS:
      return HttpError::Certificate;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_PROXY:
      return HttpError::Proxy;
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_HTTP2_STREAM:
      return HttpError::Reset;
    case CURLE_RECV_ERROR:
      if (!is_connected() && !route().proxy.empty()) return HttpError::Proxy;  // CONNECT refused
      // Bad chunk framing comes under the same code as a broken connection.
      return std::strstr(error_text_.data(), "chunk") != nullptr ? HttpError::Malformed
                                                                 : HttpError::Reset;
    case CURLE_PARTIAL_FILE:
      return HttpError::Truncated;
    case CURLE_WRITE_ERROR:
      return is_oversized_ ? HttpError::Oversized : HttpError::Internal;
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_BAD_CONTENT_ENCODING:
      return HttpError::Malformed;
    default:
      return HttpError::Internal;
  }
}

}  // namespace observerd::common
