#pragma once

#include <optional>
#include <string>

#include "base/json.hpp"

namespace observerd::testing {

/// The settings that a schema of the plugin ABI describes, as a Markdown table: name, type,
/// default, description, one line for each member in the schema's order. "none" for a schema
/// without members.
std::string settings_table(const json::Value& schema);

/// `text` with what stands between the lines "<!-- NAME -->" and "<!-- end -->" replaced; nullopt
/// when it has no such lines.
std::optional<std::string> with_section(const std::string& text, const std::string& name,
                                        const std::string& section);

}  // namespace observerd::testing
