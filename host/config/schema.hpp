#pragma once

#include <functional>
#include <string>

#include "base/json.hpp"
#include "base/status.hpp"

namespace observerd::config {

/// Called with the JSON pointer below the validated value, the offending value (nullptr for a
/// missing member, then the enclosing object is `parent`) and one sentence.
using SchemaProblem = std::function<void(const std::string& pointer, const json::Value& near_value,
                                         const std::string& sentence)>;

/// Validates `value` against a JSON Schema (the draft 4 keywords that plugin schemas may use:
/// type, properties, required, additionalProperties, patternProperties, items, enum, const,
/// minimum/maximum (exclusive too), minLength/maxLength, pattern (RE2), minItems/maxItems,
/// uniqueItems, oneOf/anyOf/allOf/not, dependencies, $ref to #/definitions). Reports every problem.
void validate_schema(const json::Value& value, const json::Value& schema,
                     const SchemaProblem& problem);

/// Checks that a document is a schema we can honour: unknown keywords (other than x-*, title,
/// description, default, examples, $schema, definitions, format) and bad shapes are problems.
Status check_schema(const json::Value& schema);

}  // namespace observerd::config
