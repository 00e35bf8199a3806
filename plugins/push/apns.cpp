#include <algorithm>
#include <cctype>

#include "common/settings.hpp"
#include "push/apns_answer.hpp"
#include "push/jwt.hpp"
#include "push/provider.hpp"

/// Apple Push Notification service, its HTTP/2 interface with provider tokens.
namespace observerd::push {
namespace {

using common::TokenCache;

/// Apple takes a provider token for an hour.
constexpr std::chrono::minutes kTokenLife{50};

constexpr std::size_t kMostCollapseBytes = 64;
constexpr std::size_t kMostBytes = 4'096;
constexpr std::size_t kMostVoipBytes = 5'120;

json::Value payload_of(const Message& message) {
  json::Value alert = json::Value::object();
  set_text(alert, "title", message.title);
  set_text(alert, "body", message.body);
  json::Value aps = json::Value::object();
  if (!alert.members().empty()) {
    aps.set("alert", std::move(alert));
  } else {
    aps.set("content-available", json::Value::integer(1));
  }
  // An extension of the app fetches the picture.
  if (!message.image.empty()) aps.set("mutable-content", json::Value::integer(1));
  merge(aps, message.options);
  json::Value payload = json::Value::object({{"aps", std::move(aps)}});
  merge(payload, message.data);
  set_text(payload, "image", message.image);
  return payload;
}

std::string push_type_of(const Message& message) {
  if (!message.push_type.empty()) return message.push_type;
  return message.has_text() ? "alert" : "background";
}

/// nullptr: as Apple decides.
const char* priority_of(const Message& message, const std::string& push_type) {
  if (message.priority) return apns_priority(*message.priority);
  return push_type == "background" ? "5" : nullptr;
}

bool is_device_token(const std::string& token) {
  return !token.empty() && token.size() <= 512 && token.size() % 2 == 0 &&
         std::all_of(token.begin(), token.end(),
                     [](char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; });
}

std::shared_ptr<TokenCache> make_provider_token(const json::Value& settings, const P256Key& key,
                                                const Clock& clock) {
  const auto header =
      json::Value::object({{"alg", json::Value::string("ES256")},
                           {"kid", json::Value::string(settings.string_or("key_id"))}});
  TokenCache::Source source;
  source.fetch = [signer = JwtSigner::es256(key), header = json::write(header),
                  team = settings.string_or("team_id"),
                  &clock](const std::function<void(TokenCache::Outcome)>& done) {
    const std::int64_t seconds = std::chrono::system_clock::to_time_t(clock.now());
    const auto claims = json::Value::object(
        {{"iss", json::Value::string(team)}, {"iat", json::Value::integer(seconds)}});
    const std::string token = signer.sign(header, json::write(claims));
    if (token.empty()) {
      done(sdk::retry("signing_failed", "OpenSSL could not sign the provider token"));
    } else {
      done(TokenCache::Token{"bearer " + token, kTokenLife, kTokenLife});
    }
  };
  source.is_refusal = &is_expired_token;
  source.least_age = kApnsTokenPause;
  source.shown = "bearer ***";
  return std::make_shared<TokenCache>(std::move(source), clock);
}

class Apns final : public Provider {
 public:
  Apns(std::string base, std::string lane, std::string bundle, std::shared_ptr<TokenCache> token,
       const Clock& clock)
      : base_(std::move(base)),
        lane_(std::move(lane)),
        bundle_(std::move(bundle)),
        token_(std::move(token)),
        clock_(clock) {}

  std::string lane() const override { return lane_; }

  void check(const json::Value& settings, const Message& message,
             const common::ProblemFn& problem) const override {
    refuse_members(settings, {"subscription", "condition"}, "APNs", problem);
    if (message.token.empty()) problem("/token", "must say which device the message goes to");
    if (!message.token.empty() && !common::is_template(message.token) &&
        !is_device_token(message.token)) {
      problem("/token", "is no device token: hexadecimal digits");
    }
    if (message.topic.empty() && bundle_.empty()) {
      problem("/topic", "an app must be named: here, or by bundle_id in the module's settings");
    }
    if (message.data.find("aps") != nullptr) {
      problem("/data/aps", "is Apple's; what belongs there goes into options");
    }
    if (message.push_type == "background" && message.priority == Priority::High) {
      problem("/priority", "Apple takes no background message of high priority");
    }
    if (!common::is_template(message.collapse_key) &&
        message.collapse_key.size() > kMostCollapseBytes) {
      problem("/collapse_key", "must be 64 bytes at most");
    }
  }

  std::variant<Prepared, sdk::Result> prepare(const Message& message) const override {
    if (!is_device_token(message.token)) {
      return sdk::rejected(kBadToken, "the device token is empty or not hexadecimal");
    }
    if (message.collapse_key.size() > kMostCollapseBytes) {
      return sdk::rejected("push_bad_collapse_key", "the collapse key has more than 64 bytes");
    }
    const std::string topic = message.topic.empty() ? bundle_ : message.topic;
    for (const std::string* value : {&topic, &message.collapse_key}) {
      if (!common::is_header_value(*value)) {
        return sdk::rejected("bad_header", "topic or collapse key hold control characters");
      }
    }
    const std::string push_type = push_type_of(message);
    std::string payload = json::write(payload_of(message));
    const std::size_t most = push_type == "voip" ? kMostVoipBytes : kMostBytes;
    if (payload.size() > most) {
      return sdk::rejected(kTooLarge, "the payload has " + std::to_string(payload.size()) +
                                          " bytes; Apple takes " + std::to_string(most));
    }
    auto url = common::parse_url(base_ + message.token);
    if (!url) return sdk::rejected("bad_url", url.status().message());
    return post(message, *std::move(url), topic, push_type, std::move(payload));
  }

 private:
  Prepared post(const Message& message, common::Url url, const std::string& topic,
                const std::string& push_type, std::string payload) const {
    Prepared prepared;
    common::Request& request = prepared.request;
    request.url = std::move(url);
    request.is_multiplexed = true;  // Apple wants few connections, kept
    request.headers = {{"Content-Type", "application/json"},
                       {"apns-id", message.id},
                       {"apns-topic", topic},
                       {"apns-push-type", push_type}};
    if (const char* priority = priority_of(message, push_type)) {
      request.headers.emplace_back("apns-priority", priority);
    }
    if (message.ttl) {
      const std::int64_t until = std::chrono::system_clock::to_time_t(*message.expires());
      request.headers.emplace_back("apns-expiration",
                                   message.ttl->count() == 0 ? "0" : std::to_string(until));
    }
    if (!message.collapse_key.empty()) {
      request.headers.emplace_back("apns-collapse-id", message.collapse_key);
    }
    request.body = std::move(payload);
    prepared.token = token_;
    prepared.meaning = [this, is_fixed = message.is_topic_fixed](const common::Response& response) {
      return judge_apns(response, is_fixed, clock_.now());
    };
    return prepared;
  }

  const std::string base_;  ///< "https://host/3/device/"
  const std::string lane_;
  const std::string bundle_;
  const std::shared_ptr<TokenCache> token_;
  const Clock& clock_;
};

}  // namespace

std::unique_ptr<const Provider> make_apns(const json::Value& settings, ProviderHost host,
                                          const common::ProblemFn& problem) {
  common::required_member(settings, "team_id", "APNs", problem);
  common::required_member(settings, "key_id", "APNs", problem);
  const std::string pem = common::required_member(settings, "private_key", "APNs", problem);
  const auto key = P256Key::from_pem(pem);
  if (!pem.empty() && !key) {
    problem("/private_key",
            "is no P-256 key in PEM: it must be the whole text of Apple's .p8 file");
  }
  const json::Value* sandbox = settings.find("sandbox");
  const bool is_sandbox = sandbox != nullptr && sandbox->is_boolean() && sandbox->as_boolean();
  const common::Url base = common::provider_url(
      settings, is_sandbox ? "https://api.sandbox.push.apple.com" : "https://api.push.apple.com",
      "/3/device/", host.allow_http, problem);
  const std::string bundle = settings.string_or("bundle_id");
  if (!common::is_header_value(bundle)) problem("/bundle_id", "holds a control character");
  if (!key) return nullptr;
  return std::make_unique<Apns>(base.text, base.origin(), bundle,
                                make_provider_token(settings, *key, *host.clock), *host.clock);
}

}  // namespace observerd::push
