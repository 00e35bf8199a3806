#pragma once

#include <optional>
#include <string_view>

#include "base/json.hpp"
#include "observerd/plugin.hpp"

namespace observerd::common {

/// The settings of a module or an action as the host hands them over: an object that it has held
/// to the schema. nullopt after saying in `errors` why there is none.
inline std::optional<json::Value> parse_settings(std::string_view text, sdk::Errors& errors) {
  auto settings = json::parse(text, Code::ActionSettings);
  if (settings) return std::move(*settings);
  errors.add("", settings.status().message());
  return std::nullopt;
}

/// True when a text holds a template tag, so that its value is known only when rendered.
inline bool is_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos;
}

}  // namespace observerd::common
