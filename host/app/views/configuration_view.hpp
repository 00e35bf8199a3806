#pragma once

#include "base/json.hpp"
#include "config/load.hpp"
#include "plugin/registry.hpp"

/// The configuration as JSON: what `observerd config show --json` and `observerd schema` print and
/// the HTTP API answers. The plugins' schemas say what is a secret; settings of a type that is not
/// loaded are judged by their names.
namespace observerd::app::views {

/// The merged document: references as written, secrets masked.
json::Value masked_configuration(const config::Configuration& configuration,
                                 const plugin::Registry& registry);
/// The same with the place that each value comes from.
json::Value show_configuration(const config::Configuration& configuration,
                               const plugin::Registry& registry);
/// The JSON Schema of a configuration with these plugins.
json::Value configuration_schema(const plugin::Registry& registry);

}  // namespace observerd::app::views
