#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/status.hpp"

namespace observerd::config {

/// The whole of a regular file. Errors are OB001 and give the reason, not the path: the caller says
/// what the file is for.
Result<std::string> read_text_file(const std::filesystem::path& path, std::size_t limit_bytes);

}  // namespace observerd::config
