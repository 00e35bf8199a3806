#pragma once

#include <string_view>

#include "common/client_settings.hpp"
#include "common/joined.hpp"

/// The JSON Schemas of the settings. The tables of README.md say the same for people.
namespace observerd::webhook {

inline constexpr std::string_view kModuleHead = R"({"type": "object", "additionalProperties": false,
  "properties": {)";
inline constexpr std::string_view kModuleTail = "}}";

inline constexpr const char* kModuleSchema =
    common::joined<kModuleHead, common::kClientProperties, kModuleTail>;

inline constexpr const char* kActionSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["url"],
  "definitions": {
    "codes": {"type": "array", "uniqueItems": true, "items": {
      "type": ["integer", "string"], "minimum": 100, "maximum": 599,
      "pattern": "^[1-5][0-9][0-9]-[1-5][0-9][0-9]$"}},
    "secret": {"type": "string", "minLength": 1, "x-secret": true}
  },
  "properties": {
    "url": {"type": "string", "minLength": 1, "x-template": "url", "x-lane": "origin",
      "description": "Where to send: an absolute https:// URL without user name or password."},
    "method": {"enum": ["POST", "PUT", "PATCH", "DELETE", "GET"], "default": "POST",
      "description": "The request method. GET sends no body."},
    "headers": {"type": "object", "additionalProperties": {"type": "string", "x-template": "header"},
      "description": "Headers to send as well. Host, framing and webhook-* headers cannot be set."},
    "body": {"type": ["object", "array", "string"], "x-template": "json",
      "description": "What to send: JSON rendered leaf by leaf, or text. Default: the event's JSON."},
    "content_type": {"type": "string", "minLength": 1, "default": "application/json",
      "description": "The Content-Type header."},
    "format": {"enum": ["plain", "standard"], "default": "plain",
      "description": "standard: Standard Webhooks headers, which need a signing secret. Any signing secret turns them on."},
    "signing_secret": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "whsec_ and base64 (HMAC-SHA256) or whsk_ and base64 (Ed25519)."},
    "signing_secrets": {"type": "array", "minItems": 1, "maxItems": 8, "items": {"$ref": "#/definitions/secret"},
      "description": "Several secrets, each signing, while a receiver changes from one to the next."},
    "timeout": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h)$",
      "description": "Longest time for one attempt. Default: the module's timeout."},
    "success_codes": {"$ref": "#/definitions/codes",
      "description": "Status codes or ranges (\"520-527\") that count as delivered, besides 2xx."},
    "retry_codes": {"$ref": "#/definitions/codes",
      "description": "Status codes or ranges to try again after."},
    "permanent_codes": {"$ref": "#/definitions/codes",
      "description": "Status codes or ranges after which to give up."}
  }
})";

}  // namespace observerd::webhook
