#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "event/event.hpp"
#include "templates/template.hpp"

namespace observerd::templates {

/// An update of an Order whose new row is `row`, JSON text.
inline Event event_with(std::string_view row) {
  Event event;
  event.kind = EventKind::Update;
  event.entity = "Order";
  event.key = "42";
  event.type = "Order.update";
  event.user = "eve";
  Result<json::Value> parsed = json::parse(row, Code::BadEvent);
  EXPECT_TRUE(parsed.ok()) << parsed.status().to_string();
  if (parsed) event.new_row = std::move(*parsed);
  event.new_text = row;
  return event;
}

inline Context context_of(const Event& event) {
  return {event, "order-shipped", "7b0c8ec4-0000-5000-8000-000000000001", 3};
}

/// What a template makes of a row: the text, or "OB008 …" in full.
inline std::string render_with(std::string_view row, std::string_view text,
                               Escape escape = Escape::Text, Missing missing = Missing::Error) {
  const Result<Template> parsed = Template::parse(text, escape);
  if (!parsed) return parsed.status().to_string();
  const Event event = event_with(row);
  const Result<std::string> rendered = parsed->render(context_of(event), missing);
  return rendered ? *rendered : rendered.status().to_string();
}

/// The same for the typed value, as JSON.
inline std::string value_with(std::string_view row, std::string_view text,
                              Escape escape = Escape::Text, Missing missing = Missing::Error) {
  const Result<Template> parsed = Template::parse(text, escape);
  if (!parsed) return parsed.status().to_string();
  const Event event = event_with(row);
  const Result<json::Value> value = parsed->render_value(context_of(event), missing);
  return value ? json::write(*value) : value.status().to_string();
}

}  // namespace observerd::templates
