#include "cache/backend.hpp"

#include "cache/purger.hpp"
#include "cache/settings.hpp"

namespace observerd::cache {

std::unique_ptr<Backend> make_backend(const json::Value& settings,
                                      const common::ClientSettings& client, sdk::Host host,
                                      const common::ProblemFn& problem) {
  const std::string flavour = settings.string_or("flavour", "redis");
  if (flavour == "memcached") return make_memcached(settings, client, host, problem);
  if (flavour == "redis") return make_redis(settings, client, host, problem);
  refuse_members(settings, kNotForHttp, flavour, problem);
  const bool allow_http = client.client.allow_http;
  if (flavour == "fastly") {
    return make_http(make_fastly(settings, allow_http, problem), client, host);
  }
  if (flavour == "cloudflare") {
    return make_http(make_cloudflare(settings, allow_http, problem), client, host);
  }
  refuse_members(settings, {"service_id", "zone_id", "api_token", "base_url"}, flavour, problem);
  return make_http(make_varnish(settings, allow_http, problem), client, host);
}

}  // namespace observerd::cache
