#include "common/classify.hpp"
#include "common/form.hpp"
#include "sms/provider.hpp"

/// Amazon SNS: the query protocol (2010-03-31), signed by libcurl.
namespace observerd::sms {
namespace {

/// What stands between <TAG> and </TAG>: all that is needed of these small, flat answers.
std::string element(const std::string& xml, const std::string& tag) {
  const std::string open = "<" + tag + ">";
  const std::size_t begin = xml.find(open);
  if (begin == std::string::npos) return {};
  const std::size_t end = xml.find("</" + tag + ">", begin);
  if (end == std::string::npos) return {};
  return xml.substr(begin + open.size(), end - begin - open.size());
}

bool is_one_of(const std::string& word, std::initializer_list<const char*> all) {
  for (const char* one : all) {
    if (word == one) return true;
  }
  return false;
}

class Sns final : public Provider {
 public:
  Sns(common::Url url, common::AwsKey key, std::string session_token)
      : url_(std::move(url)),
        key_(std::make_shared<const common::AwsKey>(std::move(key))),
        session_token_(std::move(session_token)) {}

  std::string origin() const override { return url_.origin(); }

  common::Request request(const Message& message) const override {
    common::Form form{{"Action", "Publish"},
                      {"Version", "2010-03-31"},
                      {"PhoneNumber", message.to},
                      {"Message", message.text}};
    int entries = 0;
    const auto attribute = [&](const char* name, const std::string& value) {
      const std::string entry = "MessageAttributes.entry." + std::to_string(++entries) + ".";
      form.emplace_back(entry + "Name", name);
      form.emplace_back(entry + "Value.DataType", "String");
      form.emplace_back(entry + "Value.StringValue", value);
    };
    attribute("AWS.SNS.SMS.SMSType", "Transactional");
    if (message.from.starts_with('+')) {
      attribute("AWS.MM.SMS.OriginationNumber", message.from);
    } else if (!message.from.empty()) {
      attribute("AWS.SNS.SMS.SenderID", message.from);
    }
    common::Request request;
    request.url = url_;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
    if (!session_token_.empty()) {
      request.headers.emplace_back("X-Amz-Security-Token", session_token_);
    }
    request.body = common::encode_form(form);
    request.aws = key_;
    return request;
  }

  sdk::Result judge(const common::Response& response, WallTime now) const override {
    sdk::Result result = common::classify(response, now);
    if (result.outcome == OBSERVERD_DELIVERED) {
      return sdk::delivered(element(response.body, "MessageId"));
    }
    const std::string word = common::excerpt(element(response.body, "Code"), 64);
    if (word.empty()) return result;
    const std::string code = "sns_" + word;
    std::string text =
        "SNS says " + word + ": " + common::excerpt(element(response.body, "Message"), 200);
    if (is_one_of(word, {"Throttled", "Throttling", "ThrottlingException", "InternalError",
                         "InternalFailure", "KMSThrottling", "ServiceUnavailable"})) {
      return sdk::retry(code, std::move(text));
    }
    if (is_one_of(word, {"AuthorizationError", "AccessDenied", "InvalidClientTokenId",
                         "SignatureDoesNotMatch", "ExpiredToken", "EndpointDisabled",
                         "InvalidSecurity", "UnrecognizedClient"})) {
      return sdk::misconfigured(code, std::move(text));
    }
    if (is_one_of(word, {"InvalidParameter", "InvalidParameterValue", "ParameterValueInvalid",
                         "OptedOut", "ValidationException"})) {
      return sdk::rejected(code, std::move(text));
    }
    result.code = code;
    result.message = std::move(text);
    return result;
  }

 private:
  const common::Url url_;
  const std::shared_ptr<const common::AwsKey> key_;
  const std::string session_token_;
};

}  // namespace

std::unique_ptr<const Provider> make_sns(const json::Value& settings, bool allow_http,
                                         const common::ProblemFn& problem) {
  common::AwsKey key;
  key.service = "sns";
  key.region = required(settings, "region", "SNS", problem);
  key.id = required(settings, "access_key_id", "SNS", problem);
  key.secret = required(settings, "secret_access_key", "SNS", problem);
  common::Url url = common::provider_url(settings, "https://sns." + key.region + ".amazonaws.com",
                                         "/", allow_http, problem);
  return std::make_unique<Sns>(std::move(url), std::move(key), settings.string_or("session_token"));
}

}  // namespace observerd::sms
