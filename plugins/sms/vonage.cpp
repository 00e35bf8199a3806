#include <algorithm>
#include <array>
#include <string_view>

#include "common/classify.hpp"
#include "common/form.hpp"
#include "sms/provider.hpp"

/// Vonage's SMS API (rest.nexmo.com/sms/json): status 200 to everything, and a status of its own
/// for each segment.
namespace observerd::sms {
namespace {

template <std::size_t Size>
bool is_one_of(std::string_view status, const std::array<std::string_view, Size>& all) {
  return std::find(all.begin(), all.end(), status) != all.end();
}

constexpr std::array<std::string_view, 3> kAgain{"1", "5", "10"};
constexpr std::array<std::string_view, 8> kSetup{"4", "8", "9", "11", "14", "15", "29", "32"};

class Vonage final : public Provider {
 public:
  Vonage(common::Url url, std::string key, std::string secret)
      : url_(std::move(url)), key_(std::move(key)), secret_(std::move(secret)) {}

  std::string origin() const override { return url_.origin(); }

  common::Request request(const Message& message) const override {
    common::Form form{{"api_key", key_},      {"api_secret", secret_},
                      {"from", message.from}, {"to", message.to.substr(1)},
                      {"text", message.text}, {"client-ref", message.id}};
    if (count_segments(message.text).is_unicode) form.emplace_back("type", "unicode");
    if (!message.status_callback.empty()) form.emplace_back("callback", message.status_callback);
    if (message.ttl_seconds) form.emplace_back("ttl", std::to_string(*message.ttl_seconds * 1000));
    common::Request request;
    request.url = url_;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                       {"Accept", "application/json"}};
    request.body = common::encode_form(form);
    return request;
  }

  sdk::Result judge(const common::Response& response, WallTime now) const override {
    sdk::Result result = common::classify(response, now);
    if (result.outcome != OBSERVERD_DELIVERED) return result;
    const json::Value answer = common::json_answer(response);
    const json::Value* segments = answer.find("messages");
    if (segments == nullptr || !segments->is_array() || segments->items().empty()) {
      return sdk::retry("vonage_bad_answer", "status 200 with a body that is not Vonage's");
    }
    return judge_segments(segments->items());
  }

 private:
  static sdk::Result judge_segments(const json::Value::Array& segments) {
    std::size_t taken = 0;
    std::string status;
    std::string said;
    for (const json::Value& segment : segments) {
      const std::string one = segment.string_or("status");
      if (one == "0") {
        ++taken;
      } else if (status.empty()) {
        status = one.empty() ? "none" : one;
        said = common::excerpt(segment.string_or("error-text"), 200);
      }
    }
    if (taken == segments.size()) return sdk::delivered(segments.front().string_or("message-id"));
    const std::string code = "vonage_" + status;
    std::string text = "Vonage says " + status + ": " + said;
    if (taken > 0) {
      return sdk::rejected(code, text + "; " + std::to_string(taken) + " of " +
                                     std::to_string(segments.size()) +
                                     " segments were taken, so it is not sent again");
    }
    if (is_one_of(status, kAgain)) return sdk::retry(code, std::move(text));
    if (is_one_of(status, kSetup)) return sdk::misconfigured(code, std::move(text));
    return sdk::rejected(code, std::move(text));
  }

  const common::Url url_;
  const std::string key_, secret_;
};

}  // namespace

std::unique_ptr<const Provider> make_vonage(const json::Value& settings, bool allow_http,
                                            const common::ProblemFn& problem) {
  std::string key = required(settings, "api_key", "Vonage", problem);
  std::string secret = required(settings, "api_secret", "Vonage", problem);
  common::Url url =
      common::provider_url(settings, "https://rest.nexmo.com", "/sms/json", allow_http, problem);
  return std::make_unique<Vonage>(std::move(url), std::move(key), std::move(secret));
}

}  // namespace observerd::sms
