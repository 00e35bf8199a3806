#pragma once

#include "base/json.hpp"

namespace observerd::config {

/// What editors are told of a setting beside what the readers say themselves (Recorder): an object
/// of JSON Schema keywords by pointer, as the Recorder writes pointers. Those of `defaults` are
/// those of actions as well. A test holds the list to the readers: nothing is missing and nothing
/// too many, and defaults are those that are built in.
const json::Value& setting_descriptions();

}  // namespace observerd::config
