#include <algorithm>
#include <array>
#include <utility>

#include "cache/purger.hpp"
#include "cache/settings.hpp"
#include "common/classify.hpp"

namespace observerd::cache {
namespace {

// https://developers.cloudflare.com/api/resources/cache/methods/purge/: so many in one call, on
// every plan.
constexpr std::size_t kMostItems = 30;

/// Codes that say that token or zone are wrong.
constexpr std::array<std::string_view, 10> kSetupCodes{"6003", "6111", "7000", "7003",  "9103",
                                                       "9106", "9107", "9109", "10000", "10001"};

/// Cloudflare's API: purges of URLs and of cache tags in one zone.
class Cloudflare final : public Purger {
 public:
  Cloudflare(common::Url api, std::string zone, std::string token)
      : api_(std::move(api)), zone_(std::move(zone)), token_(std::move(token)) {}

  void check(const Operation& configured, const common::ProblemFn& problem) const override {
    static const std::vector<Shape> kShapes = {
        {Kind::Invalidate, {"urls", "tags"}, {}},
        {Kind::Purge, {"urls", "tags"}, {}},
    };
    check_shape(configured, "cloudflare", kShapes, problem);
  }

  std::string lane() const override { return api_.origin() + " zone " + zone_; }

  std::variant<std::vector<common::Request>, sdk::Result> requests(
      const Operation& operation) const override {
    const auto urls = parse_urls(operation.urls);
    if (const auto* refused = std::get_if<sdk::Result>(&urls)) return *refused;
    std::vector<std::string> files;
    for (const auto& url : std::get<std::vector<common::Url>>(urls)) files.push_back(url.text);
    if (!tag_headers(operation.tags, 1, 0)) return bad_tag();
    std::vector<common::Request> requests;
    add(requests, "files", files);
    add(requests, "tags", operation.tags);
    return requests;
  }

  sdk::Result judge(const common::Response& response, WallTime now) const override {
    if (response.error != common::HttpError::None || response.status == 429 ||
        response.status >= 500) {
      return common::classify(response, now);
    }
    const auto answer = json::parse(response.body, Code::ActionFailed);
    const json::Value* success = answer && answer->is_object() ? answer->find("success") : nullptr;
    if (success == nullptr || !success->is_boolean()) {
      sdk::Result result = common::classify(response, now);
      if (result.outcome != OBSERVERD_DELIVERED) return result;
      return sdk::retry("cloudflare_bad_answer",
                        "a body that is not Cloudflare's: " + common::excerpt(response.body, 200));
    }
    return success->as_boolean() ? sdk::delivered() : judge_failure(*answer, response.status);
  }

  std::vector<common::Request> probes() const override {
    common::Request request = this->request("/user/tokens/verify");
    request.method = "GET";
    request.has_body = false;
    return {std::move(request)};
  }

 private:
  static sdk::Result judge_failure(const json::Value& answer, int status) {
    const json::Value* errors = answer.find("errors");
    std::string code = "failed";
    std::string text = "HTTP " + std::to_string(status);
    if (errors != nullptr && errors->is_array() && !errors->items().empty()) {
      const json::Value& first = errors->items().front();
      const json::Value* number = first.find("code");
      if (number != nullptr && number->is_number()) code = common::excerpt(number->text(), 20);
      text += ": " + common::excerpt(first.string_or("message"), 200);
    }
    const bool is_setup =
        status == 401 || status == 403 ||
        std::find(kSetupCodes.begin(), kSetupCodes.end(), code) != kSetupCodes.end();
    code.insert(0, "cloudflare_");
    if (is_setup) return sdk::misconfigured(std::move(code), std::move(text));
    return sdk::rejected(std::move(code), std::move(text));
  }

  void add(std::vector<common::Request>& requests, const char* member,
           const std::vector<std::string>& texts) const {
    for (std::size_t first = 0; first < texts.size(); first += kMostItems) {
      json::Value list = json::Value::array();
      for (std::size_t i = first; i < std::min(first + kMostItems, texts.size()); ++i) {
        list.push_back(json::Value::string(texts[i]));
      }
      requests.push_back(request("/zones/" + zone_ + "/purge_cache"));
      requests.back().body = json::write(json::Value::object({{member, std::move(list)}}));
    }
  }

  common::Request request(const std::string& path) const {
    common::Request request;
    request.url = url_at(api_, path);
    request.headers = {{"Authorization", "Bearer " + token_}, {"Content-Type", "application/json"}};
    return request;
  }

  const common::Url api_;
  const std::string zone_;
  const std::string token_;
};

}  // namespace

std::unique_ptr<const Purger> make_cloudflare(const json::Value& settings, bool allow_http,
                                              const common::ProblemFn& problem) {
  refuse_members(settings, {"servers", "service_id"}, "cloudflare", problem);
  std::string zone = need_member(settings, "zone_id", "cloudflare", problem);
  std::string token = need_token(settings, "cloudflare", problem);
  auto api =
      common::read_endpoint(settings.string_or("base_url", "https://api.cloudflare.com/client/v4"),
                            allow_http, "/base_url", problem);
  return std::make_unique<Cloudflare>(api.value_or(common::Url()), std::move(zone),
                                      std::move(token));
}

}  // namespace observerd::cache
