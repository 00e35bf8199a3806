#pragma once

#include <string_view>

#include "common/client_settings.hpp"
#include "common/joined.hpp"

/// The JSON Schemas of the settings. The tables of README.md are made from them.
namespace observerd::sms {

inline constexpr std::string_view kModuleHead = R"({"type": "object", "additionalProperties": false,
  "properties": {
    "provider": {"enum": ["twilio", "vonage", "sns", "http"], "default": "twilio",
      "description": "Who sends the messages; http is any other, described by the member http."},
    "from": {"type": "string", "minLength": 1,
      "description": "The sender: a number, a name where that is allowed, or a messaging service of Twilio (MG...)."},
    "base_url": {"type": "string", "minLength": 1,
      "description": "Instead of the provider's own address."},
    "account_sid": {"type": "string", "pattern": "^AC[0-9a-fA-F]{32}$",
      "description": "Twilio: the account."},
    "api_key": {"type": "string", "minLength": 1,
      "description": "Vonage: the key. Twilio: an API key (SK...) to use instead of the account's own token."},
    "api_secret": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "The secret of api_key, or Twilio's auth token."},
    "region": {"type": "string", "pattern": "^[a-z0-9-]+$",
      "description": "SNS: the region."},
    "access_key_id": {"type": "string", "minLength": 1,
      "description": "SNS: the access key."},
    "secret_access_key": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "SNS: its secret."},
    "session_token": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "SNS: of temporary credentials."},
    "http": {"type": "object", "additionalProperties": false,
      "description": "How another provider is asked.",
      "required": ["url"],
      "properties": {
        "url": {"type": "string", "minLength": 1,
          "description": "Where a message is posted."},
        "encoding": {"enum": ["json", "form"], "default": "json",
          "description": "How it is written."},
        "headers": {"type": "object", "additionalProperties": {"type": "string", "x-secret": true},
          "description": "Headers to send as well, such as Authorization."},
        "fields": {"type": "object", "additionalProperties": {"type": "string"},
          "default": {"to": "to", "from": "from", "message": "text"},
          "description": "The provider's names for to, from, message, id (the delivery's), status_callback."},
        "success_pointer": {"type": "string", "pattern": "^/",
          "description": "A place in the JSON answer (RFC 6901) that tells success, besides a status of 2xx."},
        "success_value": {"type": "string", "default": "true",
          "description": "What stands there then."},
        "id_pointer": {"type": "string", "pattern": "^/",
          "description": "Where the answer has the provider's id of the message."},
        "error_pointer": {"type": "string", "pattern": "^/",
          "description": "Where it has a code for what went wrong."},
        "retry_errors": {"type": "array", "items": {"type": "string"}, "default": [],
          "description": "Such codes to try again after; all others are final where the status is 2xx."}
      }},
    "idempotency_window": {"type": "string", "pattern": "^(0|[1-9][0-9]{0,8})(ms|s|m|h)$", "default": "24h",
      "description": "For how long a delivery that was taken is not sent again, should it come again; 0s sends it."},
    "unknown_outcome": {"enum": ["retry", "dead_letter"], "default": "retry",
      "description": "When it stays open whether a message was taken: retry may send it twice, dead_letter never does."},)";
inline constexpr std::string_view kModuleTail = "}}";

inline constexpr const char* kModuleSchema =
    common::joined<kModuleHead, common::kClientProperties, kModuleTail>;

inline constexpr const char* kActionSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["to", "message"],
  "properties": {
    "to": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The receiver's number in E.164 form, such as +4915112345678."},
    "message": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The text."},
    "from": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "Replaces the module's sender."},
    "status_callback": {"type": "string", "minLength": 1,
      "description": "A URL of yours that the provider tells what became of the message."},
    "ttl": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(s|m|h)$",
      "description": "How long the provider may keep trying (Twilio, Vonage)."}
  }})";

}  // namespace observerd::sms
