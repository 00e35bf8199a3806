#pragma once

#include <filesystem>
#include <string>

namespace observerd::testing {

/// A folder of public test data that is not part of this repository: $OBSERVERD_CONFORMANCE_DIR, or
/// the build's default. Empty when it is not there; the test then skips and names `source`.
std::filesystem::path conformance_folder(const std::string& name, const char* build_default);

}  // namespace observerd::testing
