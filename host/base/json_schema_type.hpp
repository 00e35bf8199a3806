#pragma once

#include <string_view>

#include "base/json.hpp"

namespace observerd::json {

/// Whether a value is of a type as JSON Schema names them: "null", "boolean", "number", "integer"
/// (a number without fraction and exponent), "string", "array", "object".
bool has_schema_type(const Value& value, std::string_view type);

}  // namespace observerd::json
