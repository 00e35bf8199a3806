#include "support/conformance.hpp"

#include <cstdlib>

namespace observerd::testing {

std::filesystem::path conformance_folder(const std::string& name, const char* build_default) {
  const char* variable = std::getenv("OBSERVERD_CONFORMANCE_DIR");
  const std::filesystem::path folder =
      std::filesystem::path(variable != nullptr ? variable : build_default) / name;
  return std::filesystem::is_directory(folder) ? folder : std::filesystem::path();
}

}  // namespace observerd::testing
