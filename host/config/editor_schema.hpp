#pragma once

#include <string>

#include "base/json.hpp"

namespace observerd::config {

/// The JSON Schema of a type's settings as an editor has to see it: where a string is expected a
/// reference may stand, `x_env` may stand for `x`, and the keywords are those of draft 7 (plugins
/// use draft 4: exclusiveMinimum is a boolean there). Its definitions come along; the result is
/// meant to stand at #/definitions/NAME of another schema. `schema` must have passed check_schema.
json::Value editor_schema(const json::Value& schema, const std::string& name);

}  // namespace observerd::config
