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

/// The members as configured, with what the host rendered for an item put over them; nullopt when
/// that is no JSON object.
inline std::optional<json::Value> rendered_members(const json::Value& configured,
                                                   std::string_view rendered) {
  if (rendered.empty()) return configured;
  const auto settings = json::parse(rendered, Code::ActionSettings);
  if (!settings || !settings->is_object()) return std::nullopt;
  json::Value members = configured;
  for (const json::Member& member : settings->members()) members.set(member.first, member.second);
  return members;
}

/// True when a text holds a template tag, so that its value is known only when rendered.
inline bool is_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos;
}

}  // namespace observerd::common
