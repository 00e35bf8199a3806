#include "common/transfer.hpp"

#include <sys/socket.h>

#include <iterator>

#include "base/strings.hpp"
#include "common/wire_request.hpp"

namespace observerd::common {
namespace {

constexpr std::size_t kMostHeaderBytes = 32 * 1024;

template <typename Value>
bool set(CURL* easy, CURLoption option, Value value) {
  return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

// `ok` becomes false when memory ran out.
curl_slist* append(curl_slist* list, const std::string& text, bool& ok) {
  curl_slist* longer = curl_slist_append(list, text.c_str());
  if (longer == nullptr) ok = false;
  return longer == nullptr ? list : longer;
}

}  // namespace

Transfer::~Transfer() {
  curl_slist_free_all(header_list_);
  curl_slist_free_all(resolve_list_);
}

void Transfer::add_headers(Headers headers) {
  request_.headers.insert(request_.headers.end(), std::make_move_iterator(headers.begin()),
                          std::make_move_iterator(headers.end()));
}

bool Transfer::attach(CURL* easy) {
  easy_ = easy;
  bool ok = set(easy, CURLOPT_URL, request_.url.text.c_str()) &&
            set(easy, CURLOPT_ERRORBUFFER, error_text_.data()) && set_method() && set_headers() &&
            set(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open_socket) &&
            set(easy, CURLOPT_OPENSOCKETDATA, this) &&
            set(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header) &&
            set(easy, CURLOPT_HEADERDATA, this) &&
            set(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body) &&
            set(easy, CURLOPT_WRITEDATA, this);
  ok = ok && set(easy, CURLOPT_PIPEWAIT, request_.is_multiplexed ? 1L : 0L);
  if (ok && request_.connect_only) ok = set(easy, CURLOPT_CONNECT_ONLY, 1L);
  if (ok && request_.aws) ok = set_aws_signature(*request_.aws);
  for (const auto& answer : options_.resolve) resolve_list_ = append(resolve_list_, answer, ok);
  return ok && set(easy, CURLOPT_RESOLVE, resolve_list_);
}

CURL* Transfer::detach() {
  if (easy_ != nullptr) {
    // What stays behind may not point into this object.
    set(easy_, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
    set(easy_, CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
    set(easy_, CURLOPT_RESOLVE, static_cast<curl_slist*>(nullptr));
    set(easy_, CURLOPT_POSTFIELDS, static_cast<const char*>(nullptr));
    set(easy_, CURLOPT_OPENSOCKETDATA, static_cast<void*>(nullptr));
  }
  return std::exchange(easy_, nullptr);
}

bool Transfer::set_method() {
  const bool is_plain = request_.method == (request_.has_body ? "POST" : "GET");
  const char* const name = is_plain ? nullptr : request_.method.c_str();
  if (!set(easy_, CURLOPT_CUSTOMREQUEST, name)) return false;
  if (!request_.has_body) return set(easy_, CURLOPT_HTTPGET, 1L);
  return set(easy_, CURLOPT_POST, 1L) &&
         set(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size())) &&
         set(easy_, CURLOPT_POSTFIELDS, request_.body.data());
}

bool Transfer::set_aws_signature(const AwsKey& key) {
  const std::string who = "aws:amz:" + key.region + ":" + key.service;
  return set(easy_, CURLOPT_AWS_SIGV4, who.c_str()) &&
         set(easy_, CURLOPT_USERNAME, key.id.c_str()) &&
         set(easy_, CURLOPT_PASSWORD, key.secret.c_str());
}

bool Transfer::set_headers() {
  bool ok = true;
  // What libcurl would add of its own accord: "Name:" leaves a header out.
  for (const char* const unasked : {"Expect", "Accept", "Content-Type"}) {
    if (find_header(request_.headers, unasked) != nullptr) continue;
    header_list_ = append(header_list_, std::string(unasked) + ":", ok);
  }
  for (const auto& [name, value] : wire_headers(request_, options_.user_agent)) {
    // "Name;" sends a header that is empty.
    header_list_ = append(header_list_, value.empty() ? name + ";" : name + ": " + value, ok);
  }
  return ok && set(easy_, CURLOPT_HTTPHEADER, header_list_);
}

curl_socket_t Transfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto* transfer = static_cast<Transfer*>(self);
  // With a proxy every dial is to the proxy, which the settings name, not an event: not vetted.
  const std::string_view refusal = transfer->route().proxy.empty()
                                       ? transfer->options_.addresses.refusal(&address->addr)
                                       : std::string_view();
  if (!refusal.empty()) {
    transfer->refused_ = address_text(&address->addr) + " (" + std::string(refusal) + ")";
    return CURL_SOCKET_BAD;
  }
  transfer->peer_ = address_text(&address->addr);
  return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) {  // a new answer: what came before was 1xx
    transfer->headers_.clear();
    transfer->header_bytes_ = 0;
    transfer->has_whole_head_ = false;
    return size * count;
  }
  if (trim(line).empty()) transfer->has_whole_head_ = true;
  const std::size_t colon = line.find(':');
  transfer->header_bytes_ += line.size();
  if (colon != std::string_view::npos && transfer->header_bytes_ <= kMostHeaderBytes) {
    transfer->headers_.emplace_back(line.substr(0, colon), trim(line.substr(colon + 1)));
  }
  return size * count;
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  const std::size_t room = transfer->route().max_response_bytes - transfer->body_.size();
  if (size * count > room) {
    transfer->body_.append(data, room);
    transfer->is_oversized_ = true;
    return 0;  // ends the transfer
  }
  transfer->body_.append(data, size * count);
  return size * count;
}

}  // namespace observerd::common
