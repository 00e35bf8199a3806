#include "webhook/cloudevent.hpp"

#include <algorithm>

#include "base/json.hpp"
#include "base/strings.hpp"

namespace observerd::webhook {
namespace {

// Numbers that are compared as text: all of them have as many digits as the largest.
std::string sequence_text(std::uint64_t order) {
  std::string digits = std::to_string(order);
  return std::string(20 - digits.size(), '0') + digits;
}

char upper_hex(unsigned digit) {
  return "0123456789ABCDEF"[digit];
}

void append_percent(std::string& out, unsigned char byte) {
  out += '%';
  out += upper_hex(byte >> 4);
  out += upper_hex(byte & 15);
}

// One segment of a path (RFC 3986 section 3.3, unreserved characters only).
std::string path_segment(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                               (c >= '0' && c <= '9') ||
                               std::string_view("-._~").find(c) != std::string_view::npos;
    if (is_unreserved) {
      out += c;
    } else {
      append_percent(out, static_cast<unsigned char>(c));
    }
  }
  return out;
}

}  // namespace

bool is_attribute_value(std::string_view value) {
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto byte = static_cast<unsigned char>(value[i]);
    if (byte < 0x20 || byte == 0x7f) return false;
    // U+0080 to U+009F
    if (byte == 0xc2 && i + 1 < value.size() && static_cast<unsigned char>(value[i + 1]) < 0xa0) {
      return false;
    }
  }
  return !value.empty();
}

Result<Attributes> cloudevent_attributes(const sdk::Item& item, const CloudEventNames& names) {
  const auto event = json::parse(item.event(), Code::BadEvent);
  if (!event) return event.status();
  const auto or_default = [](const std::string& named, std::string fallback) {
    return named.empty() ? std::move(fallback) : named;
  };
  Attributes attributes = {
      {"specversion", "1.0"},
      {"id", std::string(item.delivery_id())},
      {"source",
       or_default(names.source, "/observerd/" + path_segment(event->string_or("entity")))},
      {"type", or_default(names.type, event->string_or("type"))}};
  for (const auto& [name, value] : attributes) {
    if (!is_attribute_value(value)) {
      return Status::error(Code::ActionFailed, "the CloudEvents attribute " + name +
                                                   " is empty or holds control characters");
    }
  }
  const auto add_if_legal = [&](const char* name, std::string value) {
    if (is_attribute_value(value)) attributes.emplace_back(name, std::move(value));
  };
  add_if_legal("subject", event->string_or("id"));
  add_if_legal("time", event->string_or("time"));
  add_if_legal("sequence", sequence_text(item.order()));
  add_if_legal("traceparent", std::string(item.trace_parent()));
  return attributes;
}

std::string attribute_header_value(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '"' || c == '%') {
      append_percent(out, byte);
    } else {
      out += c;
    }
  }
  return out;
}

void add_attribute_headers(const Attributes& attributes, common::Headers& headers) {
  for (const auto& [name, value] : attributes) {
    headers.emplace_back("ce-" + name, attribute_header_value(value));
  }
}

bool is_json_type(std::string_view content_type) {
  const std::string type = ascii_lower(trim(content_type.substr(0, content_type.find(';'))));
  return type.ends_with("/json") || type.ends_with("+json");
}

Result<std::string> structured_cloudevent(const Attributes& attributes,
                                          const std::string& content_type,
                                          const std::string& body) {
  std::string out = "{";
  const auto append_name = [&out](const std::string& name) {
    if (out.size() > 1) out += ',';
    json::quote_to(out, name);
    out += ':';
  };
  for (const auto& [name, value] : attributes) {
    append_name(name);
    json::quote_to(out, value);
  }
  append_name("datacontenttype");
  json::quote_to(out, content_type);
  if (body.empty()) return out + "}";
  append_name("data");
  if (!is_json_type(content_type)) {
    json::quote_to(out, body);
    return out + "}";
  }
  if (const auto parsed = json::parse(body, Code::ActionFailed); !parsed) return parsed.status();
  return out + body + "}";
}

}  // namespace observerd::webhook
