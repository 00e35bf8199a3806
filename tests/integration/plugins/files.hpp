#pragma once

#include <filesystem>
#include <string>

namespace observerd::testing {

/// The content of a fixture of tests/plugins.
std::string fixture_bytes(const std::string& name);

/// Writes a file whose mode is 0644 whatever the umask is. Throws std::runtime_error.
void write_file(const std::filesystem::path& file, const std::string& bytes);

}  // namespace observerd::testing
