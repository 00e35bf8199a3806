#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace observerd::app::views {

/// One setting of a plugin, as people are told of it.
struct SettingRow {
  std::string name;      ///< members of objects with a dot: "tls.verify"
  std::string type;      ///< types or values that it takes, "|" between
  std::string fallback;  ///< what counts without it, as JSON; ""
  std::string escaping;  ///< of the values in its template: "url", "json", …; "" for no template
  std::string description;
  bool required = false, secret = false;
};

/// What the schema of a type's settings describes, in its order; objects before their members.
std::vector<SettingRow> setting_rows(const json::Value& schema);

/// Whether the schema of an object says that it must have the member.
bool is_required(const json::Value& object, const std::string& name);

}  // namespace observerd::app::views
