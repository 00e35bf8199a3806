#include "common/url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string_view>

#include "base/strings.hpp"

namespace observerd::common {
namespace {

struct UrlFree {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Handle = std::unique_ptr<CURLU, UrlFree>;

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

bool is_dot_segment(std::string_view segment) {
  const std::string lower = ascii_lower(segment);
  return lower == "." || lower == ".." || lower == "%2e" || lower == "%2e." || lower == ".%2e" ||
         lower == "%2e%2e";
}

bool has_dot_segment(std::string_view path) {
  while (true) {
    const std::size_t slash = path.find('/');
    if (is_dot_segment(path.substr(0, slash))) return true;
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
}

Status wrong(std::string why) {
  return Status::error(Code::ActionSettings, std::move(why));
}

}  // namespace

std::string Url::authority() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  const std::string name = is_v6 ? "[" + host + "]" : host;
  return port == (is_https() ? 443 : 80) ? name : name + ":" + std::to_string(port);
}

std::string Url::origin() const {
  const bool is_v6 = host.find(':') != std::string::npos;
  return scheme + "://" + (is_v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

Result<Url> parse_url(const std::string& text) {
  if (text.find('\0') != std::string::npos) return wrong("the URL holds a NUL character");
  // libcurl takes "https:///host" for "https://host"
  if (text.find(":///") < text.find('?')) return wrong("the URL has no host");
  const Handle handle(curl_url());
  if (handle == nullptr) return wrong("out of memory");
  // PATH_AS_IS: dot segments are refused below, not resolved.
  const CURLUcode code = curl_url_set(handle.get(), CURLUPART_URL, text.c_str(),
                                      CURLU_NON_SUPPORT_SCHEME | CURLU_PATH_AS_IS);
  switch (code) {
    case CURLUE_OK:
      break;
    case CURLUE_BAD_SCHEME:
    case CURLUE_MALFORMED_INPUT:
      return wrong("the URL is not absolute: it must begin with https://");
    case CURLUE_BAD_PORT_NUMBER:
      return wrong("the port of the URL is not within 1 to 65535");
    case CURLUE_NO_HOST:
    case CURLUE_BAD_HOSTNAME:
    case CURLUE_BAD_IPV6:
      return wrong("the URL has no valid host");
    case CURLUE_BAD_FILE_URL:
      return wrong("the scheme of the URL must be https or http");
    default:
      return wrong(std::string("the URL is malformed: ") + curl_url_strerror(code));
  }
  Url url;
  url.scheme = ascii_lower(part(handle.get(), CURLUPART_SCHEME));
  if (url.scheme != "https" && url.scheme != "http") {
    return wrong("the scheme of the URL must be https or http");
  }
  if (!part(handle.get(), CURLUPART_USER).empty() ||
      !part(handle.get(), CURLUPART_PASSWORD).empty()) {
    return wrong("the URL holds a user name or password: use a header");
  }
  if (has_dot_segment(part(handle.get(), CURLUPART_PATH))) {
    return wrong("the path of the URL holds a \".\" or \"..\" segment");
  }
  url.host = ascii_lower(part(handle.get(), CURLUPART_HOST));
  // libcurl converts by the locale of the process, which is not ours to set; and what looks like a
  // name here could become an address there (full-width digits).
  if (std::any_of(url.host.begin(), url.host.end(), [](char c) { return (c & 0x80) != 0; })) {
    return wrong("the host of the URL must be in its ASCII form, xn--…");
  }
  if (url.host.size() > 2 && url.host.front() == '[') {
    url.host = url.host.substr(1, url.host.size() - 2);
  }
  if (url.host.empty()) return wrong("the URL has no host");
  const std::string port = part(handle.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  url.port = std::atoi(port.c_str());
  if (url.port < 1 || url.port > 65535) {
    return wrong("the port of the URL is not within 1 to 65535");
  }
  curl_url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0);
  url.text = part(handle.get(), CURLUPART_URL, CURLU_URLENCODE);
  return url;
}

std::string host_of_url(const std::string& text) {
  const Handle handle(curl_url());
  if (handle == nullptr || curl_url_set(handle.get(), CURLUPART_URL, text.c_str(),
                                        CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    return {};
  }
  return part(handle.get(), CURLUPART_HOST);
}

}  // namespace observerd::common
