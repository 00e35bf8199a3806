#include "plugin/elf_image.hpp"

#include <bit>
#include <string>

namespace observerd::plugin {
namespace {

using Header = ElfW(Ehdr);

#if defined(__x86_64__)
constexpr unsigned own_machine = EM_X86_64;
#elif defined(__aarch64__)
constexpr unsigned own_machine = EM_AARCH64;
#elif defined(__riscv)
constexpr unsigned own_machine = EM_RISCV;
#elif defined(__powerpc64__)
constexpr unsigned own_machine = EM_PPC64;
#elif defined(__s390x__)
constexpr unsigned own_machine = EM_S390;
#else
#error "add this architecture's ELF machine number"
#endif
constexpr unsigned own_class = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
constexpr unsigned own_data =
    std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;

Status problem(std::string message) {
  return Status::error(Code::PluginLoad, std::move(message));
}

/// "64-bit, little-endian, machine 62".
std::string kind_of(unsigned elf_class, unsigned data, unsigned machine) {
  const char* const width = elf_class == ELFCLASS64   ? "64-bit"
                            : elf_class == ELFCLASS32 ? "32-bit"
                                                      : "of no known width";
  const char* const order = data == ELFDATA2LSB   ? "little-endian"
                            : data == ELFDATA2MSB ? "big-endian"
                                                  : "of no known byte order";
  return std::string(width) + ", " + order + ", machine " + std::to_string(machine);
}

Status truncated(const std::string& why) {
  return problem("is truncated: " + why)
      .note("copy it again, under another name, and rename it into place");
}

}  // namespace

Result<ElfImage> ElfImage::open(std::string_view bytes) {
  ElfImage image(bytes);
  if (Status bad = image.read_segments(); !bad.ok()) return bad;
  return image;
}

Status ElfImage::read_segments() {
  const std::string_view magic(ELFMAG, SELFMAG);
  if (slice(0, SELFMAG) != magic) {
    return problem("is no ELF file")
        .note("a plugin is a shared library that was built for this machine");
  }
  const auto header = read<Header>(0);
  if (!header) return truncated("its ELF header is not complete");
  if (header->e_ident[EI_CLASS] != own_class || header->e_ident[EI_DATA] != own_data ||
      header->e_machine != own_machine) {
    return problem("was built for another architecture: " +
                   kind_of(header->e_ident[EI_CLASS], header->e_ident[EI_DATA], header->e_machine) +
                   "; this host is " + kind_of(own_class, own_data, own_machine))
        .note("install or build the plugin for this machine");
  }
  if (header->e_type != ET_DYN) {
    return problem("is no shared library (ELF type " + std::to_string(header->e_type) + ")");
  }
  if (header->e_phentsize != sizeof(Segment)) return problem("has malformed program headers");
  for (unsigned i = 0; i < header->e_phnum; ++i) {
    const auto segment = read<Segment>(header->e_phoff + std::uint64_t{i} * sizeof(Segment));
    // A segment beyond the end of the file would be a SIGBUS at the first touch.
    if (!segment || !holds(segment->p_offset, segment->p_filesz)) {
      return truncated("its program headers name more than the file holds");
    }
    segments_.push_back(*segment);
  }
  return {};
}

std::uint64_t ElfImage::offset_of(std::uint64_t address) const {
  for (const Segment& segment : segments_) {
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr < segment.p_filesz) {
      return segment.p_offset + (address - segment.p_vaddr);
    }
  }
  return UINT64_MAX;
}

std::optional<std::vector<ElfImage::Dynamic>> ElfImage::dynamic() const {
  const Segment* section = nullptr;
  for (const Segment& segment : segments_) {
    if (segment.p_type == PT_DYNAMIC) section = &segment;
  }
  if (section == nullptr) return std::nullopt;
  std::vector<Dynamic> out;
  for (std::uint64_t at = 0; at + sizeof(Dynamic) <= section->p_filesz; at += sizeof(Dynamic)) {
    const auto entry = read<Dynamic>(section->p_offset + at);
    if (!entry || entry->d_tag == DT_NULL) break;
    out.push_back(*entry);
  }
  return out;
}

std::string_view ElfImage::strings(const std::vector<Dynamic>& dynamic) const {
  std::uint64_t at = UINT64_MAX, size = 0;
  for (const Dynamic& entry : dynamic) {
    if (entry.d_tag == DT_STRTAB) at = offset_of(entry.d_un.d_val);
    if (entry.d_tag == DT_STRSZ) size = entry.d_un.d_val;
  }
  return slice(at, size);
}

}  // namespace observerd::plugin
