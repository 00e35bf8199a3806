#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "templates/template.hpp"

namespace observerd::templates {

/// One value of the rendered settings and how it is made.
struct SettingsPart {
  enum class Kind : unsigned char { Constant, Text, Typed, Object, Array };

  Kind kind = Kind::Constant;
  json::Value constant;
  Template text;                       ///< of Text and Typed
  std::vector<std::string> names;      ///< of Object: those of the children
  std::vector<SettingsPart> children;  ///< of Object and Array

  static SettingsPart fixed(json::Value value) {
    SettingsPart part;
    part.constant = std::move(value);
    return part;
  }

  /// The value, for one event. An error's pointer starts at this part.
  Result<json::Value> render(const Context& context, Missing missing) const;
};

/// The same part; an object or array of nothing but constants has become a constant.
SettingsPart folded(SettingsPart part);

}  // namespace observerd::templates
