#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"
#include "plugin/registry.hpp"

namespace observerd::app::views {

/// Settings that are valid by their schema: what is required, and what the schema gives an example
/// for; secrets as references. nullopt when nothing that was tried is valid, as for a pattern that
/// no usual text fits.
std::optional<json::Value> example_settings(const json::Value& schema);

/// A whole configuration with one action of that type; null when its schemas defy an example.
json::Value example_configuration(const plugin::ActionType& type);

}  // namespace observerd::app::views
