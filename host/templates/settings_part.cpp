#include "templates/settings_part.hpp"

#include <algorithm>

namespace observerd::templates {

namespace {

/// Errors are rare and pointers are not free: they are put together on the way up.
Status below(Status status, const std::string& pointer) {
  Place place = status.place();
  place.pointer = pointer + place.pointer;
  return std::move(status).at(std::move(place));
}

}  // namespace

Result<json::Value> SettingsPart::render(const Context& context, Missing missing) const {
  switch (kind) {
    case Kind::Constant:
      return constant;
    case Kind::Typed:
      return text.render_value(context, missing);
    case Kind::Text: {
      Result<std::string> rendered = text.render(context, missing);
      if (!rendered) return rendered.status();
      return json::Value::string(std::move(*rendered));
    }
    case Kind::Object: {
      json::Value out = json::Value::object();
      out.members().reserve(children.size());
      for (std::size_t i = 0; i < children.size(); ++i) {
        Result<json::Value> value = children[i].render(context, missing);
        if (!value) return below(value.status(), json::join_pointer("", names[i]));
        out.members().emplace_back(names[i], std::move(*value));
      }
      return out;
    }
    case Kind::Array: {
      json::Value out = json::Value::array();
      out.items().reserve(children.size());
      for (std::size_t i = 0; i < children.size(); ++i) {
        Result<json::Value> value = children[i].render(context, missing);
        if (!value) return below(value.status(), json::join_pointer("", i));
        out.push_back(std::move(*value));
      }
      return out;
    }
  }
  return json::Value();
}

SettingsPart folded(SettingsPart part) {
  if (!std::all_of(part.children.begin(), part.children.end(), [](const SettingsPart& child) {
        return child.kind == SettingsPart::Kind::Constant;
      })) {
    return part;
  }
  json::Value value =
      part.kind == SettingsPart::Kind::Object ? json::Value::object() : json::Value::array();
  for (std::size_t i = 0; i < part.children.size(); ++i) {
    if (part.kind == SettingsPart::Kind::Object) {
      value.members().emplace_back(std::move(part.names[i]), std::move(part.children[i].constant));
    } else {
      value.push_back(std::move(part.children[i].constant));
    }
  }
  return SettingsPart::fixed(std::move(value));
}

}  // namespace observerd::templates
