#pragma once

#include "base/json.hpp"
#include "common/classify.hpp"
#include "common/route_settings.hpp"

namespace observerd::common {

/// Reads `success_codes`, `retry_codes` and `permanent_codes`: arrays of codes (409) and ranges
/// ("520-527"). A code may stand in one list only. Shared by the action types on HTTP.
StatusOverrides parse_status_overrides(const json::Value& settings, const ProblemFn& problem);

}  // namespace observerd::common
