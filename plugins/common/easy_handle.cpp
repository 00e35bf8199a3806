#include "common/easy_handle.hpp"

namespace observerd::common {
namespace {

template <typename Value>
bool set(CURL* easy, CURLoption option, Value value) {
  return curl_easy_setopt(easy, option, value) == CURLE_OK;
}

bool set_if(CURL* easy, CURLoption option, const std::string& text) {
  return text.empty() || set(easy, option, text.c_str());
}

bool set_transport(CURL* easy, const ClientOptions& options, const Route& route) {
  return set(easy, CURLOPT_NOSIGNAL, 1L) &&
         // A name server that does not answer must not hold up the thread when we give up on it.
         set(easy, CURLOPT_QUICK_EXIT, 1L) && set(easy, CURLOPT_FOLLOWLOCATION, 0L) &&
         set(easy, CURLOPT_PATH_AS_IS, 1L) && set(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L) &&
         set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(route.connect_timeout.count())) &&
         set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS)) &&
         set(easy, CURLOPT_TCP_KEEPALIVE, 1L) &&
         set(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
}

// How long libcurl keeps parsed authorities: a file that is renewed counts after that.
constexpr long kAuthoritiesSeconds = 300;

bool set_security(CURL* easy, const ClientOptions& options, const Route& route) {
  const bool ok = set(easy, CURLOPT_PROTOCOLS_STR, options.allow_http ? "http,https" : "https") &&
                  set(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) &&
                  set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2)) &&
                  set(easy, CURLOPT_SSL_VERIFYPEER, 1L) && set(easy, CURLOPT_SSL_VERIFYHOST, 2L) &&
                  set(easy, CURLOPT_CA_CACHE_TIMEOUT, kAuthoritiesSeconds) &&
                  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  if (ok && !route.ca_file.empty() &&
      !(set(easy, CURLOPT_CAINFO, route.ca_file.c_str()) &&
        set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr)))) {
    return false;
  }
  return ok && set_if(easy, CURLOPT_SSLCERT, route.client_cert_file) &&
         set_if(easy, CURLOPT_SSLKEY, route.client_key_file);
}

// The client certificate is for receivers; a proxy is shown none.
bool set_proxy(CURL* easy, const Route& route) {
  // Empty, not unset: the environment of the daemon decides nothing.
  const bool ok = set(easy, CURLOPT_PROXY, route.proxy.c_str()) && set(easy, CURLOPT_NOPROXY, "") &&
                  set(easy, CURLOPT_PROXYAUTH, static_cast<long>(CURLAUTH_BASIC)) &&
                  set(easy, CURLOPT_PROXY_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ok || route.ca_file.empty()) return ok;
  return set(easy, CURLOPT_PROXY_CAINFO, route.ca_file.c_str()) &&
         set(easy, CURLOPT_PROXY_CAPATH, static_cast<const char*>(nullptr));
}

}  // namespace

CURL* new_easy_handle(const ClientOptions& options, const Route& route) {
  CURL* easy = curl_easy_init();
  if (easy == nullptr) return nullptr;
  if (set_transport(easy, options, route) && set_security(easy, options, route) &&
      set_proxy(easy, route)) {
    return easy;
  }
  curl_easy_cleanup(easy);
  return nullptr;
}

}  // namespace observerd::common
