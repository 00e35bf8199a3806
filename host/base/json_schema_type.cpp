#include "base/json_schema_type.hpp"

namespace observerd::json {

bool has_schema_type(const Value& value, std::string_view type) {
  switch (value.type()) {
    case Type::Null:
      return type == "null";
    case Type::Boolean:
      return type == "boolean";
    case Type::Number:
      return type == "number" ||
             (type == "integer" && value.text().find_first_of(".eE") == std::string::npos);
    case Type::String:
      return type == "string";
    case Type::Array:
      return type == "array";
    case Type::Object:
      return type == "object";
  }
  return false;
}

}  // namespace observerd::json
