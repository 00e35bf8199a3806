#pragma once

#include "base/json.hpp"
#include "base/status.hpp"
#include "plugin/registry.hpp"

/// Plugins as JSON: what `observerd plugins … --json` prints and the HTTP API answers. The shapes
/// are in config/schema.
namespace observerd::app::views {

/// "1.0", or "" when the file told no ABI.
std::string abi_of(const plugin::Entry& entry);
/// "loaded" or "faulty".
const char* state_of(const plugin::Entry& entry);
/// Why it is faulty, or that a restart is needed; "" when there is nothing to say.
std::string remark_of(const plugin::Entry& entry);

json::Value list_plugins(const plugin::Registry& registry);
/// The plugin of a type, with its schemas, settings, limits and an example. Why it is faulty
/// (OB016), or OB014.
Result<json::Value> show_plugin(const plugin::Registry& registry, const std::string& type);

}  // namespace observerd::app::views
