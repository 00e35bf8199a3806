#include "fixture.hpp"

#include "base/json.hpp"

namespace observerd::testing {

std::string resolved(const std::string& configured,
                     const std::map<std::string, std::string>& environment) {
  return resolved_settings("webhook", configured, environment);
}

std::string action(const std::string& url, const std::string& more) {
  return R"({"url": )" + json::quote(url) + more + "}";
}

}  // namespace observerd::testing
