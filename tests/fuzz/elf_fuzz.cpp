// A plugin file may hold anything: the reader of its ELF header, note and symbols looks at nothing
// outside of it and always comes to an end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "plugin/elf_note.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto facts =
      observerd::plugin::read_elf(std::string_view(reinterpret_cast<const char*>(data), size));
  if (facts.ok() && facts->exports.size() > facts->export_count) std::abort();
  return 0;
}
