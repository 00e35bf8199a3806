#include <algorithm>
#include <cctype>

#include "common/classify.hpp"
#include "common/form.hpp"
#include "common/headers.hpp"
#include "common/settings.hpp"
#include "push/provider.hpp"

/// ntfy (ntfy.sh, or a server of one's own): publishing as JSON.
namespace observerd::push {
namespace {

constexpr Milliseconds kPause{60'000};
constexpr const char* kDailyQuota = "42908";
constexpr std::size_t kMostTopicBytes = 64;

bool is_topic(const std::string& topic) {
  return !topic.empty() && topic.size() <= kMostTopicBytes &&
         std::all_of(topic.begin(), topic.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
         });
}

/// The server counts by days of UTC.
Milliseconds until_midnight(WallTime now) {
  const auto tomorrow = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(1);
  return std::chrono::ceil<Milliseconds>(tomorrow - now);
}

sdk::Result judge(const common::Response& response, WallTime now) {
  sdk::Result result = common::classify(response, now);
  const json::Value answer = common::json_answer(response);
  if (result.outcome == OBSERVERD_DELIVERED) {
    if (answer.string_or("event") == "message") return sdk::delivered(answer.string_or("id"));
    return sdk::retry("ntfy_bad_answer", "status 2xx with a body that is not ntfy's");
  }
  const json::Value* number = answer.find("code");
  if (number == nullptr || !number->is_number()) return result;
  const std::string word = number->text();
  std::string code = "ntfy_" + common::excerpt(word, 10);
  std::string text = "ntfy says " + common::excerpt(word, 10) + ": " +
                     common::excerpt(answer.string_or("error"), 200);
  if (response.status == 429) {
    const Milliseconds otherwise = word == kDailyQuota ? until_midnight(now) : kPause;
    return throttled_by(response, now, otherwise, std::move(code), std::move(text));
  }
  if (response.status == 413) code = kTooLarge;
  return named(std::move(result), std::move(code), std::move(text));
}

class Ntfy final : public Provider {
 public:
  Ntfy(common::Url url, std::string authorization, const Clock& clock)
      : url_(std::move(url)), authorization_(std::move(authorization)), clock_(clock) {}

  std::string lane() const override { return url_.origin(); }

  void check(const json::Value& settings, const Message& message,
             const common::ProblemFn& problem) const override {
    refuse_members(
        settings,
        {"token", "condition", "subscription", "push_type", "data", "collapse_key", "ttl"}, "ntfy",
        problem);
    if (message.topic.empty()) problem("/topic", "must say where the message goes");
    if (!message.topic.empty() && !common::is_template(message.topic) && !is_topic(message.topic)) {
      problem("/topic", "is no topic: 1 to 64 letters, digits, - and _");
    }
  }

  std::variant<Prepared, sdk::Result> prepare(const Message& message) const override {
    if (!is_topic(message.topic)) {
      return sdk::rejected("push_bad_topic", "the topic is not 1 to 64 letters, digits, - and _");
    }
    json::Value body = json::Value::object();
    set_text(body, "topic", message.topic);
    set_text(body, "title", message.title);
    set_text(body, "message", message.body);
    set_text(body, "attach", message.image);
    if (message.priority) {
      body.set("priority", json::Value::integer(static_cast<int>(*message.priority) + 1));
    }
    merge(body, message.options);
    Prepared prepared;
    prepared.request.url = url_;
    prepared.request.headers = {{"Content-Type", "application/json"}};
    if (!authorization_.empty()) {
      prepared.request.headers.emplace_back("Authorization", authorization_);
    }
    prepared.request.body = json::write(body);
    prepared.meaning = [this](const common::Response& response) {
      return judge(response, clock_.now());
    };
    return prepared;
  }

 private:
  const common::Url url_;
  const std::string authorization_;
  const Clock& clock_;
};

std::string read_authorization(const json::Value& settings, const common::ProblemFn& problem) {
  const std::string token = settings.string_or("access_token");
  const std::string user = settings.string_or("user");
  const std::string password = settings.string_or("password");
  if (!common::is_header_value(token)) problem("/access_token", "holds a control character");
  if (user.empty() != password.empty()) {
    problem(user.empty() ? "/user" : "/password", "user and password go together");
  }
  if (!token.empty() && !user.empty()) {
    problem("/access_token", "either this, or user and password");
  }
  if (!user.empty()) return common::basic_authorization(user, password);
  return token.empty() ? token : "Bearer " + token;
}

}  // namespace

std::unique_ptr<const Provider> make_ntfy(const json::Value& settings, ProviderHost host,
                                          const common::ProblemFn& problem) {
  std::string authorization = read_authorization(settings, problem);
  common::Url url =
      common::provider_url(settings, "https://ntfy.sh", "/", host.allow_http, problem);
  return std::make_unique<Ntfy>(std::move(url), std::move(authorization), *host.clock);
}

}  // namespace observerd::push
