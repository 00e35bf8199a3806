#include "push/message.hpp"

#include <algorithm>
#include <array>

#include "base/units.hpp"

namespace observerd::push {
namespace {

using std::chrono::seconds;

constexpr std::array kPriorities{"very-low", "low", "normal", "high"};

std::optional<Priority> read_priority(const std::string& word) {
  const auto* const found = std::find(kPriorities.begin(), kPriorities.end(), word);
  if (found == kPriorities.end()) return std::nullopt;
  return static_cast<Priority>(found - kPriorities.begin());
}

std::optional<Subscription> read_subscription(const json::Value& settings) {
  const json::Value* subscription = settings.find("subscription");
  if (subscription == nullptr) return std::nullopt;
  Subscription read;
  read.endpoint = subscription->string_or("endpoint");
  if (const json::Value* keys = subscription->find("keys")) {
    read.p256dh = keys->string_or("p256dh");
    read.auth = keys->string_or("auth");
  }
  return read;
}

}  // namespace

const char* urgency(Priority priority) {
  return kPriorities.at(static_cast<std::size_t>(priority));
}

const char* apns_priority(Priority priority) {
  if (priority == Priority::High) return "10";
  return priority == Priority::VeryLow ? "1" : "5";
}

std::optional<WallTime> Message::expires() const {
  if (!ttl) return std::nullopt;
  return created + *ttl;
}

std::optional<seconds> Message::left(WallTime now) const {
  if (!ttl || ttl->count() == 0) return ttl;
  return std::clamp(std::chrono::ceil<seconds>(created + *ttl - now), seconds(0), *ttl);
}

Message read_message(const json::Value& settings, const common::ProblemFn& problem) {
  Message message;
  message.token = settings.string_or("token");
  message.topic = settings.string_or("topic");
  message.condition = settings.string_or("condition");
  message.subscription = read_subscription(settings);
  message.title = settings.string_or("title");
  message.body = settings.string_or("body");
  message.image = settings.string_or("image");
  message.collapse_key = settings.string_or("collapse_key");
  message.push_type = settings.string_or("push_type");
  if (const json::Value* data = settings.find("data")) message.data = *data;
  if (const json::Value* options = settings.find("options")) message.options = *options;
  message.priority = read_priority(settings.string_or("priority"));
  if (const json::Value* ttl = settings.find("ttl")) {
    const auto read = parse_duration(ttl->text());
    if (read) {
      message.ttl = std::chrono::duration_cast<seconds>(*read);
    } else {
      problem("/ttl", "is no duration such as \"1h\"");
    }
  }
  return message;
}

std::variant<Message, sdk::Result> message_of(const json::Value& configured, const sdk::Item& item,
                                              WallTime now) {
  json::Value settings = configured;
  if (!item.settings().empty()) {
    const auto rendered = json::parse(item.settings(), Code::ActionSettings);
    if (!rendered || !rendered->is_object()) {
      return sdk::rejected("bad_settings", "the rendered settings are not JSON");
    }
    merge(settings, *rendered);
  }
  Message message = read_message(settings, [](const std::string&, const std::string&) {});
  message.id = item.delivery_id();
  message.created = item.created() == WallTime() ? now : item.created();
  if (message.ttl && message.ttl->count() > 0 && *message.expires() <= now) {
    return sdk::rejected("push_expired", "the ttl was over before the message could be sent");
  }
  return message;
}

void merge(json::Value& base, const json::Value& more) {
  for (const json::Member& member : more.members()) {
    json::Value* same = base.find(member.first);
    if (same != nullptr && same->is_object() && member.second.is_object()) {
      merge(*same, member.second);
    } else {
      base.set(member.first, member.second);
    }
  }
}

void set_text(json::Value& object, const char* name, const std::string& text) {
  if (!text.empty()) object.set(name, json::Value::string(text));
}

}  // namespace observerd::push
