#pragma once

#include <string_view>

#include "common/client_settings.hpp"
#include "common/joined.hpp"

/// The JSON Schemas of the settings. The tables of README.md are made from them.
namespace observerd::slack {

inline constexpr std::string_view kModuleHead = R"({"type": "object", "additionalProperties": false,
  "properties": {
    "token": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "A bot token (xoxb-...) with the scope chat:write: for actions that name a channel."},
    "base_url": {"type": "string", "minLength": 1, "default": "https://slack.com/api",
      "description": "Where the Web API is."},)";
inline constexpr std::string_view kModuleTail = "}}";

inline constexpr const char* kModuleSchema =
    common::joined<kModuleHead, common::kClientProperties, kModuleTail>;

inline constexpr const char* kActionSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["message"],
  "definitions": {
    "node": {"anyOf": [
      {"type": "string", "x-template": "slack"},
      {"type": ["number", "boolean", "null"]},
      {"type": "array", "items": {"$ref": "#/definitions/node"}},
      {"type": "object", "additionalProperties": {"$ref": "#/definitions/node"}}]}
  },
  "properties": {
    "webhook_url": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "The URL of an incoming webhook. It posts to the channel that it was made for."},
    "channel": {"type": "string", "minLength": 1, "x-template": "text", "x-lane": "value",
      "description": "Instead of webhook_url, with the module's token: a channel's id, its name, or a user's id."},
    "message": {"type": "string", "minLength": 1, "x-template": "slack",
      "description": "The text in Slack's mrkdwn; values are escaped. With blocks, what notifications show."},
    "blocks": {"type": "array", "minItems": 1, "maxItems": 50,
      "items": {"$ref": "#/definitions/node"},
      "description": "Block Kit blocks; each string in them is a template, values escaped."},
    "thread_ts": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The ts of a message to answer in its thread."},
    "username": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "Shown as the author; needs the scope chat:write.customize. Not with webhook_url."},
    "icon_emoji": {"type": "string", "pattern": "^:[^:]+:$",
      "description": "Shown as the author's picture, such as \":package:\"; as username."},
    "unfurl_links": {"type": "boolean",
      "description": "Whether Slack shows what links lead to; by default as Slack decides."}
  }})";

}  // namespace observerd::slack
