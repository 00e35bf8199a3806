#include "push/apns_answer.hpp"

#include "common/classify.hpp"
#include "common/headers.hpp"
#include "push/provider.hpp"

namespace observerd::push {
namespace {

/// Apple says nothing of when to come again.
constexpr Milliseconds kDevicePause{60'000};

enum class Meaning : unsigned char { ByStatus, Again, Setup, Token, Message };

/// What Apple's words mean, where their status does not say it.
Meaning meaning_of(const std::string& reason) {
  for (const char* again :
       {"IdleTimeout", "InternalServerError", "ServiceUnavailable", "Shutdown"}) {
    if (reason == again) return Meaning::Again;
  }
  for (const char* setup : {"BadCertificate", "BadCertificateEnvironment", "ExpiredProviderToken",
                            "Forbidden", "InvalidProviderToken", "MissingProviderToken",
                            "UnrelatedKeyIdInToken", "BadEnvironmentKeyIdInToken"}) {
    if (reason == setup) return Meaning::Setup;
  }
  // Of a topic that is fixed these are the settings' fault, else the event's.
  for (const char* topic : {"BadTopic", "MissingTopic", "TopicDisallowed"}) {
    if (reason == topic) return Meaning::Message;
  }
  return reason == "BadDeviceToken" ? Meaning::Token : Meaning::ByStatus;
}

sdk::Result judge_error(const common::Response& response, const json::Value& answer,
                        bool is_topic_fixed, WallTime now) {
  sdk::Result by_status = common::classify(response, now);
  const std::string reason = common::excerpt(answer.string_or("reason"), 50);
  if (response.status == 410) {
    const json::Value* since = answer.find("timestamp");
    return sdk::rejected(kUnregistered, "APNs says " + (reason.empty() ? "410" : reason) +
                                            (since != nullptr && since->is_number()
                                                 ? ", since " + since->text() + " ms after 1970"
                                                 : ""));
  }
  if (reason.empty()) return by_status;
  const std::string code = "apns_" + reason;
  const std::string text = "APNs says " + reason;
  if (response.status == 429) {
    const bool is_token = reason == "TooManyProviderTokenUpdates";
    return throttled_by(response, now, is_token ? Milliseconds(kApnsTokenPause) : kDevicePause,
                        code, text);
  }
  if (response.status == 413) return sdk::rejected(kTooLarge, text);
  switch (meaning_of(reason)) {
    case Meaning::Again:
      if (by_status.outcome == OBSERVERD_THROTTLED) break;
      return sdk::retry(code, text);
    case Meaning::Setup:
      return sdk::misconfigured(code, text);
    case Meaning::Token:
      return sdk::rejected(kBadToken, text + ": not a token of this app and environment");
    case Meaning::Message:
      return is_topic_fixed ? sdk::misconfigured(code, text) : sdk::rejected(code, text);
    case Meaning::ByStatus:
      break;
  }
  return named(std::move(by_status), code, text);
}

}  // namespace

sdk::Result judge_apns(const common::Response& response, bool is_topic_fixed, WallTime now) {
  if (response.error == common::HttpError::None && response.status == 200) {
    const std::string* id = common::find_header(response.headers, "apns-id");
    return sdk::delivered(id == nullptr ? std::string() : *id);
  }
  return judge_error(response, common::json_answer(response), is_topic_fixed, now);
}

bool is_expired_token(const common::Response& response) {
  return response.status == 403 &&
         common::json_answer(response).string_or("reason") == "ExpiredProviderToken";
}

}  // namespace observerd::push
