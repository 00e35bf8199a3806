#pragma once

#include <functional>
#include <string>

#include "base/json.hpp"
#include "base/status.hpp"

namespace observerd::config {

/// Called with the JSON pointer below the validated value, the value that shows where it was
/// written, and one sentence. For a missing member the pointer names that member and `near_value`
/// is the object that lacks it. A sentence never quotes the offending value: it may be a secret.
using SchemaProblem = std::function<void(const std::string& pointer, const json::Value& near_value,
                                         const std::string& sentence)>;

/// Validates `value` against a JSON Schema (the draft 4 keywords that plugin schemas may use:
/// type, properties, required, additionalProperties, patternProperties, items, enum, const,
/// minimum/maximum (exclusive too), minLength/maxLength, pattern (RE2), minItems/maxItems,
/// uniqueItems, oneOf/anyOf/allOf/not, dependencies, $ref to #/definitions). Reports every problem;
/// where no branch of oneOf/anyOf fits, those of the branch that was most likely meant. A keyword
/// of a shape that check_schema refuses is passed over. Thread-safe.
void validate_schema(const json::Value& value, const json::Value& schema,
                     const SchemaProblem& problem);

/// Checks that a document is a schema we can honour: unknown keywords (other than x-*, title,
/// description, default, examples, $schema, definitions, format), bad shapes and definitions that
/// refer to themselves without going into the value are problems. OB016, its place holding the
/// pointer of the first problem, the others as notes.
Status check_schema(const json::Value& schema);

}  // namespace observerd::config
