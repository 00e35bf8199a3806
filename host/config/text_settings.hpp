#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

/// How a text setting looks in a schema for editors: itself, a reference, or its short form.
namespace observerd::config {

/// The schema of {"env": …}, {"file": …} and {"credential": …}.
json::Value reference_schema();

/// The schema of a text that may be a reference instead, which stands at #/definitions/reference.
/// What is told to people stays outside.
json::Value or_reference(json::Value schema);

/// Lets `x_env` stand for each of `texts`, the members of an object schema that are texts: also
/// where one is required.
void add_short_forms(json::Value& object, const std::vector<std::string>& texts);

}  // namespace observerd::config
