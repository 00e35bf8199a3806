#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "config/schema_view.hpp"

namespace observerd::config {

/// Settings as they may be shown: references stay, literal secrets become "***" (members with
/// x-secret, headers that carry credentials, passwords of URLs). The secrets that were masked are
/// appended to `secrets`, when given. Without a schema (`judge_by_name`) members are judged by
/// name.
json::Value mask_settings(const json::Value& settings, const SchemaView& schema, bool judge_by_name,
                          std::vector<std::string>* secrets);

}  // namespace observerd::config
