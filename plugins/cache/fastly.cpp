#include <utility>

#include "cache/purger.hpp"
#include "cache/settings.hpp"
#include "common/classify.hpp"

namespace observerd::cache {
namespace {

// https://www.fastly.com/documentation/reference/api/purging/
constexpr std::size_t kMostTags = 256;
constexpr std::size_t kMostTagBytes = 16'000;

/// Fastly's API: purges of URLs and of surrogate keys; soft ones mark as stale.
class Fastly final : public Purger {
 public:
  Fastly(common::Url api, std::string service, std::string token)
      : api_(std::move(api)), service_(std::move(service)), token_(std::move(token)) {}

  void check(const Operation& configured, const common::ProblemFn& problem) const override {
    static const std::vector<Shape> kShapes = {
        {Kind::Invalidate, {"urls", "tags"}, {}},
        {Kind::Refresh, {"urls", "tags"}, {}},
        {Kind::Purge, {"urls", "tags"}, {}},
    };
    check_shape(configured, "fastly", kShapes, problem);
    if (!configured.tags.empty() && service_.empty()) {
      problem("/tags", "need the module's service_id: plugins.settings.cache.service_id");
    }
  }

  std::string lane() const override {
    return api_.origin() + (service_.empty() ? "" : " service " + service_);
  }

  std::variant<std::vector<common::Request>, sdk::Result> requests(
      const Operation& operation) const override {
    const auto urls = parse_urls(operation.urls);
    if (const auto* refused = std::get_if<sdk::Result>(&urls)) return *refused;
    const auto tags = tag_headers(operation.tags, kMostTags, kMostTagBytes);
    if (!tags) return bad_tag();
    const bool is_soft = operation.kind == Kind::Refresh;
    std::vector<common::Request> requests;
    for (const common::Url& url : std::get<std::vector<common::Url>>(urls)) {
      requests.push_back(request("/purge/" + url.authority() + path_of(url), is_soft));
    }
    for (const std::string& header : *tags) {
      requests.push_back(request("/service/" + service_ + "/purge", is_soft));
      requests.back().headers.emplace_back("Surrogate-Key", header);
    }
    return requests;
  }

  sdk::Result judge(const common::Response& response, WallTime now) const override {
    if (response.error != common::HttpError::None) return common::classify(response, now);
    if (response.status == 404) {
      return sdk::misconfigured("fastly_not_found",
                                "HTTP 404: " + common::excerpt(response.body, 200));
    }
    sdk::Result result = common::classify(response, now);
    if (result.outcome != OBSERVERD_DELIVERED) return result;
    const auto answer = json::parse(response.body, Code::ActionFailed);
    if (answer && answer->is_object() && answer->string_or("status", "ok") == "ok") return result;
    return sdk::retry("fastly_bad_answer",
                      "a body that is not Fastly's: " + common::excerpt(response.body, 200));
  }

  std::vector<common::Request> probes() const override {
    common::Request request =
        this->request(service_.empty() ? "/tokens/self" : "/service/" + service_, false);
    request.method = "GET";
    request.has_body = false;
    return {std::move(request)};
  }

 private:
  common::Request request(const std::string& path, bool is_soft) const {
    common::Request request;
    request.url = url_at(api_, path);
    request.headers = {{"Fastly-Key", token_}, {"Accept", "application/json"}};
    if (is_soft) request.headers.emplace_back("Fastly-Soft-Purge", "1");
    return request;
  }

  const common::Url api_;
  const std::string service_;
  const std::string token_;
};

}  // namespace

std::unique_ptr<const Purger> make_fastly(const json::Value& settings, bool allow_http,
                                          const common::ProblemFn& problem) {
  refuse_members(settings, {"servers", "zone_id"}, "fastly", problem);
  std::string token = need_token(settings, "fastly", problem);
  auto api = common::read_endpoint(settings.string_or("base_url", "https://api.fastly.com"),
                                   allow_http, "/base_url", problem);
  return std::make_unique<Fastly>(api.value_or(common::Url()), settings.string_or("service_id"),
                                  std::move(token));
}

}  // namespace observerd::cache
