#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::plugin {

/// The note that OBSERVERD_PLUGIN emits: name "observerd", type 1.
struct AbiNote {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t min_host_minor = 0;
  std::uint32_t pointer_size = 0;
};

/// What a shared library says about itself without running.
struct ElfFacts {
  std::optional<AbiNote> note;
  std::size_t export_count = 0;      ///< defined dynamic symbols
  std::vector<std::string> exports;  ///< the first 16 of them, printable
  bool executable_stack = false;
};

/// Reads an ELF file from memory. The bytes may be anything: every offset is checked. Errors are
/// OB016 and their message continues a sentence that starts with the file's name ("is no ELF
/// file"). Written by hand because the loader's own view (program headers, dynamic section) counts
/// here and not the section headers that tools read, and because it runs before anything else may.
Result<ElfFacts> read_elf(std::string_view bytes);

}  // namespace observerd::plugin
