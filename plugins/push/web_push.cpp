#include <openssl/rand.h>

#include <algorithm>
#include <array>

#include "base/strings.hpp"
#include "common/base64.hpp"
#include "common/classify.hpp"
#include "common/settings.hpp"
#include "push/provider.hpp"
#include "push/vapid.hpp"
#include "push/web_push_encryption.hpp"

/// Web Push: RFC 8030 with the encryption of RFC 8291 and the credentials of RFC 8292.
namespace observerd::push {
namespace {

using std::chrono::seconds;

constexpr const char* kBadSubscription = "push_bad_subscription";
/// How long a service keeps a message when nobody has said: as other libraries do.
constexpr seconds kTtl{28L * 24 * 3'600};
constexpr Milliseconds kPause{60'000};
constexpr std::size_t kMostTopicBytes = 32;

/// The services of the browsers.
constexpr std::array kServices{"fcm.googleapis.com", "*.push.services.mozilla.com",
                               "*.push.apple.com", "*.notify.windows.com"};

/// Whose endpoints are taken.
class Services {
 public:
  enum class Trust : unsigned char {
    None,
    Any,  ///< by "*": whose answers say nothing about our credentials
    Named,
  };
  explicit Services(std::vector<std::string> patterns) : patterns_(std::move(patterns)) {}

  Trust trust(const std::string& host) const {
    Trust trust = Trust::None;
    for (const std::string& pattern : patterns_) {
      if (pattern == "*") {
        trust = std::max(trust, Trust::Any);
      } else if (pattern == host ||
                 (pattern.starts_with("*.") && host.ends_with(pattern.substr(1)))) {
        return Trust::Named;
      }
    }
    return trust;
  }

 private:
  std::vector<std::string> patterns_;
};

/// RFC 8030 section 5.4 takes 32 characters of base64url; another key becomes one by its hash, the
/// same each time.
std::string topic_of(const std::string& collapse_key) {
  const bool fits =
      collapse_key.size() <= kMostTopicBytes &&
      std::all_of(collapse_key.begin(), collapse_key.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
      });
  if (fits) return collapse_key;
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  EVP_Digest(collapse_key.data(), collapse_key.size(), bytes_of(digest), &size, EVP_sha256(),
             nullptr);
  digest.resize(size);
  return common::base64url_encode(digest).substr(0, kMostTopicBytes);
}

/// What the page's service worker gets. A title alone is enough to show something.
std::string plaintext_of(const Message& message) {
  json::Value out = json::Value::object();
  set_text(out, "title", message.title);
  set_text(out, "body", message.body);
  set_text(out, "image", message.image);
  if (!message.data.members().empty()) out.set("data", message.data);
  merge(out, message.options);
  return json::write(out);
}

sdk::Result judge(const common::Response& response, Services::Trust trust, WallTime now) {
  sdk::Result result = common::classify(response, now);
  if (result.outcome == OBSERVERD_DELIVERED) return result;
  const bool is_answer =
      response.error == common::HttpError::None || response.error == common::HttpError::Oversized;
  if (is_answer && (response.status == 404 || response.status == 410)) {
    return sdk::rejected(kUnregistered,
                         "the push service no longer has this subscription: " + result.message);
  }
  if (is_answer && response.status == 413) return sdk::rejected(kTooLarge, result.message);
  if (is_answer && response.status == 429) {
    return throttled_by(response, now, kPause, "web_push_429", result.message);
  }
  if (result.code.starts_with("http_")) result.code.replace(0, 4, "web_push");
  // Who chose the host by an event must not be able to stop the whole action.
  if (result.outcome == OBSERVERD_MISCONFIGURED && trust != Services::Trust::Named) {
    result.outcome = OBSERVERD_REJECTED;
  }
  return result;
}

class WebPush final : public Provider {
 public:
  WebPush(const P256Key& key, std::string subject, Services services, const ProviderHost& host)
      : vapid_(key, std::move(subject), *host.clock),
        services_(std::move(services)),
        allow_http_(host.allow_http),
        clock_(*host.clock) {}

  std::string lane() const override { return "web push"; }

  void check(const json::Value& settings, const Message& message,
             const common::ProblemFn& problem) const override {
    refuse_members(settings, {"token", "topic", "condition", "push_type"}, "Web Push", problem);
    if (!message.subscription) {
      problem("/subscription", "must say whom the message goes to");
      return;
    }
    const Subscription& it = *message.subscription;
    for (const std::string* part : {&it.endpoint, &it.p256dh, &it.auth}) {
      if (common::is_template(*part)) return;
    }
    const auto target = read(it);
    if (const auto* wrong = std::get_if<std::string>(&target)) problem("/subscription", *wrong);
  }

  std::variant<Prepared, sdk::Result> prepare(const Message& message) const override {
    auto target = read(message.subscription.value_or(Subscription()));
    if (const auto* wrong = std::get_if<std::string>(&target)) {
      return sdk::rejected(kBadSubscription, *wrong);
    }
    auto& [url, receiver, trust] = std::get<Target>(target);
    std::string plaintext = plaintext_of(message);
    if (plaintext.size() > kMostWebPushBytes) {
      return sdk::rejected(kTooLarge, "the message has " + std::to_string(plaintext.size()) +
                                          " bytes; Web Push takes " +
                                          std::to_string(kMostWebPushBytes));
    }
    Prepared prepared;
    common::Request& request = prepared.request;
    request.headers = headers_of(message);
    request.url = std::move(url);
    std::string authorization =
        vapid_.authorization(request.url.scheme + "://" + request.url.authority());
    auto sealed = seal(plaintext, receiver);
    if (authorization.empty() || !sealed) {
      return sdk::retry("encryption_failed", "OpenSSL could not sign or encrypt the message");
    }
    request.headers.emplace_back("Authorization", std::move(authorization));
    request.body = *std::move(sealed);
    prepared.unveil = [this, plaintext = std::move(plaintext)](common::Request& shown) {
      shown.headers.back().second = vapid_.shown();
      shown.body = plaintext;
    };
    prepared.meaning = [this, trust = trust](const common::Response& response) {
      return judge(response, trust, clock_.now());
    };
    return prepared;
  }

 private:
  struct Target {
    common::Url url;
    WebPushReceiver receiver;
    Services::Trust trust;
  };

  /// Where and for whom, or what is wrong with the subscription.
  std::variant<Target, std::string> read(const Subscription& subscription) const {
    auto url = common::parse_url(subscription.endpoint);
    if (!url) return "its endpoint is no URL: " + url.status().message();
    if (!url->is_https() && !allow_http_) return "its endpoint must begin with https://";
    const Services::Trust trust = services_.trust(url->host);
    if (trust == Services::Trust::None) {
      return "its endpoint is at " + common::excerpt(url->host, 100) +
             ", which push_services does not list";
    }
    const auto point = common::base64url_decode(subscription.p256dh);
    if (!point || !is_p256_point(*point)) return "its p256dh is no point of P-256 in base64url";
    const auto auth = common::base64url_decode(subscription.auth);
    if (!auth || auth->size() != 16) return "its auth is not 16 bytes in base64url";
    return Target{*std::move(url), {*point, *auth}, trust};
  }

  common::Headers headers_of(const Message& message) const {
    const seconds ttl = message.left(clock_.now()).value_or(kTtl);
    common::Headers headers{{"Content-Type", "application/octet-stream"},
                            {"Content-Encoding", "aes128gcm"},
                            {"TTL", std::to_string(ttl.count())}};
    if (message.priority) headers.emplace_back("Urgency", urgency(*message.priority));
    if (!message.collapse_key.empty()) {
      headers.emplace_back("Topic", topic_of(message.collapse_key));
    }
    return headers;
  }

  static std::optional<std::string> seal(const std::string& plaintext,
                                         const WebPushReceiver& receiver) {
    std::string salt(16, '\0');
    const auto ephemeral = P256Key::generate();
    if (!ephemeral || RAND_bytes(bytes_of(salt), static_cast<int>(salt.size())) != 1) {
      return std::nullopt;
    }
    return encrypt_web_push(plaintext, receiver, *ephemeral, salt);
  }

  const Vapid vapid_;
  const Services services_;
  const bool allow_http_;
  const Clock& clock_;
};

/// As the tools write it: 32 bytes in base64url, or PEM.
std::optional<P256Key> read_key(const std::string& text) {
  if (text.find("-----BEGIN") != std::string::npos) return P256Key::from_pem(text);
  const auto scalar = common::base64url_decode(text);
  return scalar ? P256Key::from_scalar(*scalar) : std::nullopt;
}

std::vector<std::string> read_services(const json::Value& settings) {
  const json::Value* list = settings.find("push_services");
  if (list == nullptr) return {kServices.begin(), kServices.end()};
  std::vector<std::string> services;
  for (const json::Value& service : list->items()) services.push_back(ascii_lower(service.text()));
  return services;
}

}  // namespace

std::unique_ptr<const Provider> make_web_push(const json::Value& settings, ProviderHost host,
                                              const common::ProblemFn& problem) {
  refuse_members(settings, {"base_url"}, "Web Push", problem);
  const std::string text =
      common::required_member(settings, "vapid_private_key", "Web Push", problem);
  const auto key = read_key(text);
  if (!text.empty() && !key) {
    problem("/vapid_private_key", "is no P-256 key: 32 bytes in base64url, or PEM");
  }
  std::string subject = common::required_member(settings, "vapid_subject", "Web Push", problem);
  if (!key) return nullptr;
  return std::make_unique<WebPush>(*key, std::move(subject), Services(read_services(settings)),
                                   host);
}

}  // namespace observerd::push
