#include "common/proxy_url.hpp"

#include <curl/curl.h>

#include <memory>

#include "base/strings.hpp"

namespace observerd::common {
namespace {

struct UrlFree {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Handle = std::unique_ptr<CURLU, UrlFree>;

Handle parse(const std::string& text) {
  Handle handle(curl_url());
  if (handle != nullptr && curl_url_set(handle.get(), CURLUPART_URL, text.c_str(),
                                        CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) {
    handle.reset();
  }
  return handle;
}

std::string part(const Handle& handle, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(handle.get(), which, &text, 0) != CURLUE_OK || text == nullptr) return {};
  std::string copy = text;
  curl_free(text);
  return copy;
}

}  // namespace

Status check_proxy_url(const std::string& text) {
  const auto wrong = [](const char* why) { return Status::error(Code::ActionSettings, why); };
  const Handle handle = parse(text);
  if (text.find('\0') != std::string::npos || handle == nullptr) {
    return wrong("is no URL such as http://proxy.example.com:3128");
  }
  const std::string scheme = ascii_lower(part(handle, CURLUPART_SCHEME));
  if (scheme != "http" && scheme != "https") {
    return wrong("the URL of a proxy begins with http:// or https://");
  }
  if (part(handle, CURLUPART_HOST).empty()) return wrong("the URL of the proxy has no host");
  const std::string path = part(handle, CURLUPART_PATH);
  if ((!path.empty() && path != "/") || !part(handle, CURLUPART_QUERY).empty() ||
      !part(handle, CURLUPART_FRAGMENT).empty()) {
    return wrong("the URL of a proxy ends after its port");
  }
  return {};
}

std::string proxy_host(const std::string& text) {
  const Handle handle = parse(text);
  if (handle == nullptr) return {};
  const std::string port = part(handle, CURLUPART_PORT);
  return part(handle, CURLUPART_HOST) + (port.empty() ? "" : ":" + port);
}

}  // namespace observerd::common
