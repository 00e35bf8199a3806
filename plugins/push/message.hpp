#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "common/route_settings.hpp"
#include "observerd/plugin.hpp"

namespace observerd::push {

enum class Priority : std::uint8_t { VeryLow, Low, Normal, High };

/// "very-low" to "high": in the settings, and in the header Urgency (RFC 8030 section 5.3).
const char* urgency(Priority priority);
/// "1", "5" or "10": in the header apns-priority.
const char* apns_priority(Priority priority);

/// A browser's subscription as its settings have it: an URL, and two keys in base64url.
struct Subscription {
  std::string endpoint, p256dh, auth;
};

/// One message as it goes to a provider. Texts that nobody has set are "".
struct Message {
  std::string token, topic, condition;
  std::optional<Subscription> subscription;
  std::string title, body, image, collapse_key, push_type;
  json::Value data = json::Value::object();
  json::Value options = json::Value::object();  ///< in the provider's own words
  std::optional<Priority> priority;
  std::optional<std::chrono::seconds> ttl;  ///< from `created`
  std::string id;                           ///< the delivery's
  bool is_topic_fixed = true;               ///< the same for every event
  WallTime created{};                       ///< when the event was written

  bool has_text() const { return !title.empty() || !body.empty(); }
  /// Until when it may be delivered; nullopt when nobody has said. With a ttl of 0: at once or
  /// never.
  std::optional<WallTime> expires() const;
  /// What is left of the ttl, never more than all of it, whatever the clocks say.
  std::optional<std::chrono::seconds> left(WallTime now) const;
};

/// An action's settings, as configured or with rendered members put over them. What a schema cannot
/// say is said in `problem`.
Message read_message(const json::Value& settings, const common::ProblemFn& problem);

/// The message of an item, or why it is not sent: settings that are no JSON, a ttl that is over.
std::variant<Message, sdk::Result> message_of(const json::Value& configured, const sdk::Item& item,
                                              WallTime now);

/// Puts the members of `more` over those of `base`; where both have an object, member by member.
void merge(json::Value& base, const json::Value& more);

/// A text member, unless the text is "".
void set_text(json::Value& object, const char* name, const std::string& text);

}  // namespace observerd::push
