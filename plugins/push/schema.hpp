#pragma once

#include <string_view>

#include "common/client_settings.hpp"
#include "common/joined.hpp"

/// The JSON Schemas of the settings. The tables of README.md are made from them.
namespace observerd::push {

inline constexpr std::string_view kModuleHead = R"({"type": "object", "additionalProperties": false,
  "required": ["provider"],
  "properties": {
    "provider": {"enum": ["fcm", "apns", "webpush", "ntfy"],
      "description": "Who delivers: Firebase Cloud Messaging, Apple, the browsers' push services, or ntfy."},
    "base_url": {"type": "string", "minLength": 1,
      "description": "Instead of the provider's own address (not with webpush, where the subscription has it)."},
    "service_account": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "FCM: the whole text of the key file of a service account (JSON)."},
    "team_id": {"type": "string", "pattern": "^[A-Z0-9]{10}$",
      "description": "APNs: the team."},
    "key_id": {"type": "string", "pattern": "^[A-Z0-9]{10}$",
      "description": "APNs: the id of private_key."},
    "private_key": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "APNs: the whole text of the key file (.p8)."},
    "bundle_id": {"type": "string", "minLength": 1,
      "description": "APNs: the app; an action's topic replaces it."},
    "sandbox": {"type": "boolean", "default": false,
      "description": "APNs: apps built for development."},
    "vapid_private_key": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "Web Push: the private key of the application server, 32 bytes in base64url, or PEM."},
    "vapid_subject": {"type": "string", "pattern": "^(mailto:.+@.+|https://.+)$",
      "description": "Web Push: whom services may turn to, mailto: or https:."},
    "push_services": {"type": "array", "minItems": 1, "items": {"type": "string", "pattern": "^(\\*|(\\*\\.)?[A-Za-z0-9.:-]+)$"},
      "default": ["fcm.googleapis.com", "*.push.services.mozilla.com", "*.push.apple.com", "*.notify.windows.com"],
      "description": "Web Push: hosts whose endpoints are taken; *.example.org for those below a domain, * for any."},
    "access_token": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "ntfy: an access token (tk_...)."},
    "user": {"type": "string", "minLength": 1,
      "description": "ntfy: instead of access_token, with password."},
    "password": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "ntfy: of user."},)";
inline constexpr std::string_view kModuleTail = "}}";

inline constexpr const char* kModuleSchema =
    common::joined<kModuleHead, common::kClientProperties, kModuleTail>;

inline constexpr const char* kActionSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "token": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The device's registration token (FCM) or device token in hexadecimal (APNs)."},
    "topic": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "A topic that devices subscribe to (FCM, ntfy); with APNs the app, instead of bundle_id."},
    "condition": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "FCM: several topics, as in 'a' in topics && 'b' in topics."},
    "subscription": {"type": "object", "additionalProperties": false, "required": ["endpoint", "keys"],
      "description": "Web Push: what the browser gave the page, endpoint and keys.",
      "properties": {
        "endpoint": {"type": "string", "minLength": 1, "x-template": "text", "x-lane": "origin",
          "description": "Where the browser's service takes messages."},
        "keys": {"type": "object", "additionalProperties": false, "required": ["p256dh", "auth"],
          "description": "What messages are encrypted with.",
          "properties": {
            "p256dh": {"type": "string", "minLength": 1, "x-template": "text",
              "description": "The browser's public key."},
            "auth": {"type": "string", "minLength": 1, "x-template": "text",
              "description": "Its secret."}}}}},
    "title": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The heading."},
    "body": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The text. Without title and body nothing is shown: the app gets the data in the background."},
    "image": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "The URL of a picture."},
    "data": {"type": "object", "x-template": "json",
      "description": "For the app (not with ntfy). FCM makes texts of its values."},
    "options": {"type": "object", "x-template": "json",
      "description": "More in the provider's own words, put over the rest: members of FCM's message, of APNs' aps, of what a service worker gets, of ntfy's message."},
    "collapse_key": {"type": "string", "minLength": 1, "x-template": "text",
      "description": "A later message with the same key replaces one that has not been shown (not with ntfy)."},
    "priority": {"enum": ["very-low", "low", "normal", "high"],
      "description": "How soon the device is woken; by default as the provider decides."},
    "ttl": {"type": "string", "pattern": "^[0-9]{1,9}(s|m|h|d)$",
      "description": "How long after the event it may still be delivered, 0s for at once or never (not with ntfy)."},
    "push_type": {"enum": ["alert", "background", "voip", "location", "complication", "fileprovider", "mdm", "liveactivity", "pushtotalk", "widgets", "controls"],
      "description": "APNs: by default alert, or background without title and body."}
  }})";

}  // namespace observerd::push
