#pragma once

/// The settings of one action, as JSON Schema. observerd holds configurations to it, resolves the
/// secret, and renders the template for each event.
inline constexpr const char* action_schema = R"({
  "type": "object",
  "additionalProperties": false,
  "required": ["address"],
  "properties": {
    "address": {
      "description": "Where to connect to: IP address and port, such as 192.0.2.7:7000 or [2001:db8::7]:7000.",
      "type": "string", "pattern": "^.+:[0-9]+$", "examples": ["127.0.0.1:1"]
    },
    "line": {
      "description": "The line to send; by default the event as JSON.",
      "type": "string", "x-template": "text"
    },
    "token": {
      "description": "What the receiver knows this sender by.",
      "type": "string", "minLength": 1, "x-secret": true
    }
  }
})";
