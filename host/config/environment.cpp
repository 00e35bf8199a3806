#include <cstdlib>

#include "config/load.hpp"

namespace observerd::config {

Environment Environment::process() {
  Environment environment;
  environment.variable = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
  environment.credentials_directory = environment.variable("CREDENTIALS_DIRECTORY").value_or("");
  return environment;
}

}  // namespace observerd::config
