#pragma once

#include <string_view>

#include "common/client_settings.hpp"
#include "common/joined.hpp"

/// The JSON Schemas of the settings. The tables of README.md are made from them.
namespace observerd::webhook {

inline constexpr std::string_view kModuleHead = R"({"type": "object", "additionalProperties": false,
  "properties": {)";
inline constexpr std::string_view kModuleTail = "}}";

inline constexpr const char* kModuleSchema =
    common::joined<kModuleHead, common::kClientProperties, kModuleTail>;

inline constexpr std::string_view kActionHead = R"({
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
      "description": "Where to send: an absolute https:// URL (http:// with allow_http), no user name or password, no . or .. in its path."},
    "method": {"enum": ["POST", "PUT", "PATCH", "DELETE", "GET"], "default": "POST",
      "description": "The request method. GET sends no body."},
    "headers": {"type": "object", "additionalProperties": {"type": "string", "x-template": "header"},
      "description": "Headers to send as well. Host, framing, webhook-* and, with CloudEvents, ce-* cannot be set."},
    "body": {"type": ["object", "array", "string"], "x-template": "json",
      "description": "What to send: JSON rendered leaf by leaf, or text with values escaped for JSON. By default the event's JSON, byte for byte."},
    "content_type": {"type": "string", "minLength": 1, "default": "application/json",
      "description": "The Content-Type header; with CloudEvents the type of their data."},
    "format": {"enum": ["plain", "standard", "cloudevents", "cloudevents-binary"], "default": "plain",
      "description": "standard insists on a signing secret; cloudevents wraps the body in a CloudEvent, cloudevents-binary puts its attributes into ce-* headers."},
    "cloudevent_source": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The source attribute, a URI reference; by default /observerd/ and the entity."},
    "cloudevent_type": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The type attribute; by default the event's type, such as Order.update."},
    "signing_secret": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "whsec_ and base64 of 24 to 64 bytes (HMAC-SHA256, v1) or whsk_ and base64 of seed or seed and public key (Ed25519, v1a). Adds the Standard Webhooks headers in every format."},
    "signing_secrets": {"type": "array", "minItems": 1, "maxItems": 8, "items": {"$ref": "#/definitions/secret"},
      "description": "Further secrets, each signing, while a receiver changes from one to the next."},
    "success_codes": {"$ref": "#/definitions/codes",
      "description": "Status codes and ranges (\"520-527\") that count as delivered, besides 2xx."},
    "retry_codes": {"$ref": "#/definitions/codes",
      "description": "Status codes and ranges to try again after."},
    "permanent_codes": {"$ref": "#/definitions/codes",
      "description": "Status codes and ranges after which to give up."},)";
inline constexpr std::string_view kActionTail = "}}";

inline constexpr const char* kActionSchema =
    common::joined<kActionHead, common::kRouteOverrides, kActionTail>;

}  // namespace observerd::webhook
