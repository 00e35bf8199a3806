#include "common/classify.hpp"
#include "common/form.hpp"
#include "sms/provider.hpp"

/// Twilio's Messages resource (api.twilio.com, 2010-04-01).
namespace observerd::sms {
namespace {

/// By Twilio's own numbers; what is not here is judged by the status.
enum class Meaning : unsigned char { ByStatus, Again, Setup, Receiver };

Meaning meaning_of(const std::string& code) {
  for (const char* again : {"20429", "30001"}) {
    if (code == again) return Meaning::Again;
  }
  for (const char* setup :
       {"20003", "21212", "21408", "21603", "21606", "21608", "30002", "30034"}) {
    if (code == setup) return Meaning::Setup;
  }
  for (const char* receiver : {"21211", "21602", "21610", "21612", "21614", "21617", "30036"}) {
    if (code == receiver) return Meaning::Receiver;
  }
  return Meaning::ByStatus;
}

class Twilio final : public Provider {
 public:
  Twilio(common::Url url, std::string authorization)
      : url_(std::move(url)), authorization_(std::move(authorization)) {}

  std::string origin() const override { return url_.origin(); }

  common::Request request(const Message& message) const override {
    common::Form form{{"To", message.to}};
    const bool is_service = message.from.size() == 34 && message.from.starts_with("MG");
    form.emplace_back(is_service ? "MessagingServiceSid" : "From", message.from);
    form.emplace_back("Body", message.text);
    if (!message.status_callback.empty()) {
      form.emplace_back("StatusCallback", message.status_callback);
    }
    if (message.ttl_seconds) {
      form.emplace_back("ValidityPeriod", std::to_string(*message.ttl_seconds));
    }
    common::Request request;
    request.url = url_;
    request.headers = {{"Authorization", authorization_},
                       {"Content-Type", "application/x-www-form-urlencoded"},
                       {"Accept", "application/json"}};
    request.body = common::encode_form(form);
    return request;
  }

  sdk::Result judge(const common::Response& response, WallTime now) const override {
    sdk::Result result = common::classify(response, now);
    const json::Value answer = common::json_answer(response);
    if (result.outcome == OBSERVERD_DELIVERED) return sdk::delivered(answer.string_or("sid"));
    const json::Value* number = answer.find("code");
    if (number == nullptr || !number->is_number()) return result;
    const std::string code = "twilio_" + number->text();
    const std::string text =
        "Twilio says " + number->text() + ": " + common::excerpt(answer.string_or("message"), 200);
    switch (meaning_of(number->text())) {
      case Meaning::Again:
        if (result.outcome == OBSERVERD_THROTTLED) break;
        return sdk::retry(code, text);
      case Meaning::Setup:
        return sdk::misconfigured(code, text);
      case Meaning::Receiver:
        return sdk::rejected(code, text);
      case Meaning::ByStatus:
        break;
    }
    result.code = code;
    result.message = text;
    return result;
  }

 private:
  const common::Url url_;
  const std::string authorization_;
};

}  // namespace

std::unique_ptr<const Provider> make_twilio(const json::Value& settings, bool allow_http,
                                            const common::ProblemFn& problem) {
  const std::string account = required(settings, "account_sid", "Twilio", problem);
  const std::string secret = required(settings, "api_secret", "Twilio", problem);
  const std::string user = settings.string_or("api_key", account);
  common::Url url = common::provider_url(settings, "https://api.twilio.com",
                                         "/2010-04-01/Accounts/" + account + "/Messages.json",
                                         allow_http, problem);
  return std::make_unique<Twilio>(std::move(url), common::basic_authorization(user, secret));
}

}  // namespace observerd::sms
