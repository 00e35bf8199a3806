#include <algorithm>
#include <cctype>

#include "common/classify.hpp"
#include "common/settings.hpp"
#include "push/google_token.hpp"

/// Firebase Cloud Messaging, HTTP v1 (projects.messages.send).
namespace observerd::push {
namespace {

using std::chrono::seconds;

/// So long Google asks to wait where it does not say how long.
constexpr Milliseconds kQuotaPause{60'000};
constexpr seconds kMostTtl{28L * 24 * 3'600};
constexpr const char* kErrorType = "type.googleapis.com/google.firebase.fcm.v1.FcmError";
constexpr const char* kTopicForProbe = "observerd-probe";

bool is_reserved(const std::string& key) {
  return key == "from" || key == "message_type" || key.starts_with("google.") ||
         key.starts_with("gcm.");
}

bool is_topic(const std::string& topic) {
  return std::all_of(topic.begin(), topic.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           std::string_view("-_.~%").find(c) != std::string_view::npos;
  });
}

/// FCM takes texts only: others are written as they stand in JSON, null is left out.
json::Value texts_of(const json::Value& data) {
  json::Value texts = json::Value::object();
  for (const auto& [name, value] : data.members()) {
    if (value.is_null()) continue;
    texts.set(name, json::Value::string(value.is_string() ? value.text() : json::write(value)));
  }
  return texts;
}

/// Collapse key, priority and ttl as each kind of device wants to be told.
void put_delivery(const Message& message, WallTime now, json::Value& out) {
  json::Value android = json::Value::object();
  json::Value apns = json::Value::object();
  json::Value web = json::Value::object();
  set_text(android, "collapse_key", message.collapse_key);
  set_text(apns, "apns-collapse-id", message.collapse_key);
  if (message.priority) {
    const bool is_high = *message.priority == Priority::High;
    set_text(android, "priority", is_high ? "HIGH" : "NORMAL");
    set_text(apns, "apns-priority", apns_priority(*message.priority));
    set_text(web, "Urgency", urgency(*message.priority));
  }
  if (const auto left = message.left(now)) {
    set_text(android, "ttl", std::to_string(left->count()) + "s");
    const std::int64_t until = std::chrono::system_clock::to_time_t(*message.expires());
    set_text(apns, "apns-expiration", message.ttl->count() == 0 ? "0" : std::to_string(until));
    set_text(web, "TTL", std::to_string(left->count()));
  }
  if (!android.members().empty()) out.set("android", std::move(android));
  for (auto& [name, headers] : {std::pair{"apns", &apns}, std::pair{"webpush", &web}}) {
    if (headers->members().empty()) continue;
    out.set(name, json::Value::object({{"headers", std::move(*headers)}}));
  }
}

json::Value body_of(const Message& message, WallTime now) {
  json::Value out = json::Value::object();
  set_text(out, "token", message.token);
  set_text(out, "topic", message.topic);
  set_text(out, "condition", message.condition);
  json::Value notification = json::Value::object();
  set_text(notification, "title", message.title);
  set_text(notification, "body", message.body);
  set_text(notification, "image", message.image);
  if (!notification.members().empty()) out.set("notification", std::move(notification));
  if (!message.data.members().empty()) out.set("data", texts_of(message.data));
  put_delivery(message, now, out);
  merge(out, message.options);
  return json::Value::object({{"message", std::move(out)}});
}

/// FcmError.errorCode of the details, or the status of google.rpc.Status; "" when it has neither.
std::string error_word(const json::Value& error) {
  if (const json::Value* details = error.find("details"); details && details->is_array()) {
    for (const json::Value& detail : details->items()) {
      if (detail.string_or("@type") == kErrorType) return detail.string_or("errorCode");
    }
  }
  return error.string_or("status");
}

/// Whether a violated field is the token's: nothing else is wrong with the message then.
bool blames_token(const json::Value& error) {
  const json::Value* details = error.find("details");
  if (details == nullptr || !details->is_array()) return false;
  for (const json::Value& detail : details->items()) {
    const json::Value* violations = detail.find("fieldViolations");
    if (violations == nullptr || !violations->is_array()) continue;
    for (const json::Value& violation : violations->items()) {
      if (violation.string_or("field") == "message.token") return true;
    }
  }
  return false;
}

sdk::Result judge_error(const common::Response& response, WallTime now) {
  const json::Value answer = common::json_answer(response);
  const json::Value* error = answer.find("error");
  sdk::Result by_status = common::classify(response, now);
  const std::string word = error == nullptr ? std::string() : error_word(*error);
  if (word.empty()) return by_status;
  const std::string code = "fcm_" + common::excerpt(word, 50);
  const std::string text = "FCM says " + common::excerpt(word, 50) + ": " +
                           common::excerpt(error->string_or("message"), 200);
  if (word == "UNREGISTERED") return sdk::rejected(kUnregistered, text);
  if (word == "INVALID_ARGUMENT") {
    return sdk::rejected(blames_token(*error) ? kBadToken : code, text);
  }
  if (word == "SENDER_ID_MISMATCH") return sdk::rejected(code, text);
  if (word == "QUOTA_EXCEEDED" || word == "RESOURCE_EXHAUSTED") {
    return throttled_by(response, now, kQuotaPause, code, text);
  }
  // NOT_FOUND that does not speak of a token: there is no such project.
  for (const char* setup :
       {"THIRD_PARTY_AUTH_ERROR", "UNAUTHENTICATED", "PERMISSION_DENIED", "NOT_FOUND"}) {
    if (word == setup) return sdk::misconfigured(code, text);
  }
  return named(std::move(by_status), code, text);
}

sdk::Result judge(const common::Response& response, WallTime now) {
  if (response.error != common::HttpError::None || response.status != 200) {
    return judge_error(response, now);
  }
  const std::string name = common::json_answer(response).string_or("name");
  if (name.empty()) return sdk::retry("fcm_bad_answer", "status 200 with a body that is not FCM's");
  return sdk::delivered(name);
}

class Fcm final : public Provider {
 public:
  Fcm(common::Url url, std::shared_ptr<common::TokenCache> token, const Clock& clock)
      : url_(std::move(url)), token_(std::move(token)), clock_(clock) {}

  std::string lane() const override { return url_.origin(); }

  void check(const json::Value& settings, const Message& message,
             const common::ProblemFn& problem) const override {
    refuse_members(settings, {"subscription", "push_type"}, "FCM", problem);
    const int targets =
        !message.token.empty() + !message.topic.empty() + !message.condition.empty();
    if (targets != 1) {
      problem("", "one of token, topic and condition must say where the message goes");
    }
    if (!message.topic.empty() && !common::is_template(message.topic) && !is_topic(message.topic)) {
      problem("/topic", "may hold letters, digits and -_.~% only, and no /topics/ before it");
    }
    for (const auto& [name, value] : message.data.members()) {
      if (!is_reserved(name)) continue;
      problem(json::join_pointer("/data", name), "is a name that FCM keeps for itself");
    }
    if (message.ttl && *message.ttl > kMostTtl) problem("/ttl", "must be 28 days at most");
  }

  std::variant<Prepared, sdk::Result> prepare(const Message& message) const override {
    if (message.token.empty() && message.topic.empty() && message.condition.empty()) {
      return sdk::rejected(kBadToken, "the token, topic or condition is empty for this event");
    }
    if (!is_topic(message.topic)) {
      return sdk::rejected("push_bad_topic", "the topic holds characters that FCM does not take");
    }
    return post(body_of(message, clock_.now()));
  }

  std::optional<Prepared> probe() const override {
    return post(json::Value::object(
        {{"validate_only", json::Value::boolean(true)},
         {"message", json::Value::object({{"topic", json::Value::string(kTopicForProbe)}})}}));
  }

 private:
  Prepared post(const json::Value& body) const {
    Prepared prepared;
    prepared.request.url = url_;
    prepared.request.headers = {{"Content-Type", "application/json; charset=utf-8"}};
    prepared.request.body = json::write(body);
    prepared.token = token_;
    prepared.meaning = [this](const common::Response& response) {
      return judge(response, clock_.now());
    };
    return prepared;
  }

  const common::Url url_;
  const std::shared_ptr<common::TokenCache> token_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<const Provider> make_fcm(const json::Value& settings, ProviderHost host,
                                         const common::ProblemFn& problem) {
  const std::string text = common::required_member(settings, "service_account", "FCM", problem);
  if (text.empty()) return nullptr;
  std::shared_ptr<const ServiceAccount> account =
      read_service_account(text, host.allow_http, problem);
  if (account == nullptr) return nullptr;
  common::Url url = common::provider_url(settings, "https://fcm.googleapis.com",
                                         "/v1/projects/" + account->project_id + "/messages:send",
                                         host.allow_http, problem);
  const Clock& clock = *host.clock;
  return std::make_unique<Fcm>(std::move(url), make_google_token(std::move(account), host), clock);
}

}  // namespace observerd::push
