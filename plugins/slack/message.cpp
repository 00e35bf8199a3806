#include "slack/message.hpp"

#include <utility>

#include "common/settings.hpp"

namespace observerd::slack {
namespace {

constexpr const char* kJson = "application/json; charset=utf-8";

/// Slack takes no idempotency key; with this, one who looks for duplicates can tell them.
json::Value metadata(const sdk::Item& item) {
  return json::Value::object(
      {{"event_type", json::Value::string("observerd_delivery")},
       {"event_payload", json::Value::object({{"delivery_id", json::Value::string(std::string(
                                                                  item.delivery_id()))}})}});
}

json::Value to_body(const json::Value& message) {
  json::Value body = json::Value::object();
  for (const json::Member& member : message.members()) {
    body.set(member.first == "message" ? "text" : member.first, member.second);
  }
  return body;
}

}  // namespace

Result<common::Request> api_request(const ModuleSettings& module, const std::string& method,
                                    std::string body) {
  std::string base = module.api.text;
  if (base.ends_with('/')) base.pop_back();
  auto url = common::parse_url(base + "/" + method);
  if (!url) return url.status();
  common::Request request;
  request.url = *std::move(url);
  request.headers = {{"Authorization", "Bearer " + module.token}, {"Content-Type", kJson}};
  request.body = std::move(body);
  return request;
}

std::variant<Post, sdk::Result> build_message(const ActionSettings& action,
                                              const ModuleSettings& module, const sdk::Item& item) {
  const auto message = common::rendered_members(action.message, item.settings());
  if (!message) return sdk::rejected("bad_settings", "the rendered settings are not JSON");
  json::Value body = to_body(*message);
  if (action.webhook) {
    Post post;
    post.request.url = *action.webhook;
    post.request.headers = {{"Content-Type", kJson}};
    post.request.body = json::write(body);
    post.destination = action.webhook->text;
    return post;
  }
  std::string channel = message->string_or("channel");
  if (channel.empty()) {
    return sdk::rejected("slack_no_channel", "the channel is empty for this event");
  }
  body.set("metadata", metadata(item));
  auto request = api_request(module, "chat.postMessage", json::write(body));
  if (!request) return sdk::rejected("bad_url", request.status().message());
  return Post{*std::move(request), std::move(channel)};
}

}  // namespace observerd::slack
