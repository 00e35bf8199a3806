#pragma once

/// The JSON Schemas of the settings. The tables of README.md are made from them.
namespace observerd::email {

inline constexpr const char* kModuleSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["host"],
  "properties": {
    "host": {"type": "string", "minLength": 1,
      "description": "The server that takes the mail: a name or an address."},
    "port": {"type": "integer", "minimum": 1, "maximum": 65535,
      "description": "Its port; by default 587 with starttls, 465 with tls, 25 with none."},
    "security": {"enum": ["starttls", "tls", "none"], "default": "starttls",
      "description": "starttls insists on encryption before anything else is said; tls is encrypted from the first byte; none is in the clear and takes no login."},
    "auth": {"enum": ["none", "plain", "login", "xoauth2"],
      "description": "How to log in; by default plain where there is a username, else none."},
    "username": {"type": "string", "minLength": 1,
      "description": "Who logs in."},
    "password": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "For plain and login."},
    "token": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "For xoauth2: an access token."},
    "from": {"type": "string", "minLength": 1,
      "description": "The sender, such as \"Shop <shop@example.com>\", of actions that name none."},
    "envelope_from": {"type": "string", "minLength": 1,
      "description": "Where reports of failed delivery go; by default to the sender."},
    "hello_name": {"type": "string", "pattern": "^[A-Za-z0-9.:\\[\\]-]+$",
      "description": "The name this machine gives itself in EHLO; by default its own."},
    "dkim_domain": {"type": "string", "minLength": 1,
      "description": "Sign with DKIM for this domain; dkim_selector and dkim_key must stand beside it."},
    "dkim_selector": {"type": "string", "pattern": "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$",
      "description": "Where in DNS the public key is: SELECTOR._domainkey.DOMAIN."},
    "dkim_key": {"type": "string", "minLength": 1, "x-secret": true,
      "description": "The private key in PEM, RSA or Ed25519."},
    "allow_addresses": {"type": "array", "items": {"type": "string"}, "default": [],
      "description": "Address blocks (CIDR) that may be dialled although they are private, loopback, link-local or otherwise refused."},
    "max_connections": {"type": "integer", "minimum": 1, "maximum": 32, "default": 8,
      "description": "Connections at a time to the server. They are kept for the next mail."},
    "connect_timeout": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h)$", "default": "5s",
      "description": "Longest time for name, TCP, greeting, TLS and login together."},
    "timeout": {"type": "string", "pattern": "^[1-9][0-9]{0,8}(ms|s|m|h)$",
      "description": "Longest time for one mail, also where the timeout of an action (30s unless set) is longer."},
    "ca_file": {"type": "string", "minLength": 1,
      "description": "PEM file of certificate authorities to trust instead of the system's."},
    "client_cert_file": {"type": "string", "minLength": 1,
      "description": "PEM file with the certificate that is shown to the server."},
    "client_key_file": {"type": "string", "minLength": 1,
      "description": "PEM file with the key of client_cert_file."}
  }})";

inline constexpr const char* kActionSchema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["to", "subject"],
  "definitions": {
    "mailboxes": {"anyOf": [
      {"type": "string", "minLength": 1, "x-template": "header"},
      {"type": "array", "minItems": 1, "maxItems": 100, "x-template": "json",
        "items": {"type": "string", "minLength": 1}}]}
  },
  "properties": {
    "to": {"$ref": "#/definitions/mailboxes",
      "description": "One address, with or without a name (\"Ann <ann@example.com>\"), or a list. A list item that is just {{ path }} may give a list."},
    "cc": {"$ref": "#/definitions/mailboxes",
      "description": "As to; empty values are left out."},
    "bcc": {"$ref": "#/definitions/mailboxes",
      "description": "As cc; nobody sees them."},
    "reply_to": {"$ref": "#/definitions/mailboxes",
      "description": "Where answers go."},
    "from": {"type": "string", "minLength": 1, "x-template": "header",
      "description": "The sender instead of the module's."},
    "subject": {"type": "string", "x-template": "text",
      "description": "One line; line breaks in values become spaces."},
    "text": {"type": "string", "x-template": "text",
      "description": "The plain text. With html, the alternative to it. One of the two must be there."},
    "html": {"type": "string", "x-template": "html",
      "description": "The HTML text; values are escaped."},
    "headers": {"type": "object", "additionalProperties": {"type": "string", "x-template": "header"},
      "description": "Further headers, such as List-Unsubscribe. Those that have a setting, and those of MIME and transport, cannot be set."},
    "attachments": {"type": "array", "minItems": 1, "maxItems": 20, "items": {
        "type": "object", "additionalProperties": false, "required": ["name", "content"],
        "properties": {
          "name": {"type": "string", "minLength": 1, "x-template": "text",
            "description": "The file's name."},
          "content": {"type": "string", "minLength": 1, "x-template": "text",
            "description": "What is in it, such as {{ new.document }}; where that is empty there is no attachment."},
          "encoding": {"enum": ["text", "base64", "hex"], "default": "text",
            "description": "How content is written; hex also as PostgreSQL writes bytea."},
          "type": {"type": "string", "pattern": "^[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+$", "default": "application/octet-stream",
            "description": "The media type."}}},
      "description": "Files made of values: name, content, encoding (text, base64 or hex) and type (application/octet-stream)."}
  }})";

}  // namespace observerd::email
