#pragma once

#include <string>

#include "base/json.hpp"
#include "common/http_types.hpp"
#include "common/route_settings.hpp"

/// For action types that speak with one of several providers over HTTP.
namespace observerd::common {

/// A text of the settings that this provider cannot do without; says so when it is missing.
std::string required_member(const json::Value& settings, const char* name, const char* provider,
                            const ProblemFn& problem);

/// `base_url` of the settings, or what the provider has without it; then `path`.
Url provider_url(const json::Value& settings, const std::string& base, const std::string& path,
                 bool allow_http, const ProblemFn& problem);

/// An answer whose body should be JSON; null when it is none.
json::Value json_answer(const Response& response);

}  // namespace observerd::common
