#include "plugin/elf_note.hpp"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace observerd::plugin {
namespace {

using Header = ElfW(Ehdr);
using Segment = ElfW(Phdr);
using Dynamic = ElfW(Dyn);
using Symbol = ElfW(Sym);

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

constexpr std::size_t shown_exports = 16;
constexpr std::size_t shown_name_bytes = 128;

Status problem(std::string message) {
  return Status::error(Code::PluginLoad, std::move(message));
}

/// The file's bytes; reads that leave it give nothing.
class Image {
 public:
  explicit Image(std::string_view bytes) : bytes_(bytes) {}

  bool holds(std::uint64_t offset, std::uint64_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }
  template <typename T>
  std::optional<T> read(std::uint64_t offset) const {
    if (!holds(offset, sizeof(T))) return std::nullopt;
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof value);
    return value;
  }
  std::string_view slice(std::uint64_t offset, std::uint64_t size) const {
    return holds(offset, size) ? bytes_.substr(offset, size) : std::string_view();
  }

 private:
  std::string_view bytes_;
};

std::uint64_t aligned(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

/// gabi "Note Section"; alignment 8 is what GNU uses for .note.gnu.property.
std::optional<AbiNote> note_in(std::string_view segment, std::uint64_t alignment) {
  const Image image(segment);
  constexpr std::string_view owner("observerd", 10);  // the NUL belongs to the name
  for (std::uint64_t at = 0;;) {
    const auto header = image.read<ElfW(Nhdr)>(at);
    if (!header) return std::nullopt;
    const std::uint64_t name_at = at + sizeof *header;
    const std::uint64_t text_at = aligned(name_at + header->n_namesz, alignment);
    if (header->n_type == 1 && image.slice(name_at, header->n_namesz) == owner) {
      return image.read<AbiNote>(header->n_descsz >= sizeof(AbiNote) ? text_at : UINT64_MAX);
    }
    at = aligned(text_at + header->n_descsz, alignment);
  }
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : image_(bytes) {}

  Result<ElfFacts> read() {
    if (Status bad = read_segments(); !bad.ok()) return bad;
    ElfFacts facts;
    // Without the header the loader takes the stack to be executable.
    facts.executable_stack = true;
    const Segment* dynamic = nullptr;
    for (const Segment& segment : segments_) {
      if (segment.p_type == PT_GNU_STACK) facts.executable_stack = (segment.p_flags & PF_X) != 0;
      if (segment.p_type == PT_DYNAMIC) dynamic = &segment;
      if (segment.p_type == PT_NOTE && !facts.note) {
        facts.note =
            note_in(image_.slice(segment.p_offset, segment.p_filesz), segment.p_align == 8 ? 8 : 4);
      }
    }
    if (dynamic == nullptr) return problem("has no dynamic section");
    if (Status bad = read_exports(*dynamic, facts); !bad.ok()) return bad;
    return facts;
  }

 private:
  Status read_segments() {
    const std::string_view magic(ELFMAG, SELFMAG);
    if (image_.slice(0, SELFMAG) != magic) return problem("is no ELF file");
    const auto header = image_.read<Header>(0);
    if (!header) return problem("is truncated: its ELF header is not complete");
    if (header->e_ident[EI_CLASS] != own_class || header->e_ident[EI_DATA] != own_data ||
        header->e_machine != own_machine) {
      return problem("was built for another architecture: ELF class " +
                     std::to_string(header->e_ident[EI_CLASS]) + ", machine " +
                     std::to_string(header->e_machine) + "; this host is class " +
                     std::to_string(own_class) + ", machine " + std::to_string(own_machine));
    }
    if (header->e_type != ET_DYN) {
      return problem("is no shared library (ELF type " + std::to_string(header->e_type) + ")");
    }
    if (header->e_phentsize != sizeof(Segment)) return problem("has malformed program headers");
    for (unsigned i = 0; i < header->e_phnum; ++i) {
      const auto segment =
          image_.read<Segment>(header->e_phoff + std::uint64_t{i} * sizeof(Segment));
      // A segment beyond the end of the file would be a SIGBUS at the first touch.
      if (!segment || !image_.holds(segment->p_offset, segment->p_filesz)) {
        return problem("is truncated: its program headers name more than the file holds");
      }
      segments_.push_back(*segment);
    }
    return {};
  }

  /// Where in the file the byte is that will stand at that address.
  std::uint64_t offset_of(std::uint64_t address) const {
    for (const Segment& segment : segments_) {
      if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
          address - segment.p_vaddr < segment.p_filesz) {
        return segment.p_offset + (address - segment.p_vaddr);
      }
    }
    return UINT64_MAX;
  }

  Status read_exports(const Segment& dynamic, ElfFacts& facts) const {
    std::uint64_t symbols = UINT64_MAX, strings = UINT64_MAX, strings_size = 0;
    std::optional<std::uint64_t> count;
    for (std::uint64_t at = 0; at + sizeof(Dynamic) <= dynamic.p_filesz; at += sizeof(Dynamic)) {
      const auto entry = image_.read<Dynamic>(dynamic.p_offset + at);
      if (!entry || entry->d_tag == DT_NULL) break;
      const std::uint64_t value = entry->d_un.d_val;
      if (entry->d_tag == DT_SYMTAB) symbols = offset_of(value);
      if (entry->d_tag == DT_STRTAB) strings = offset_of(value);
      if (entry->d_tag == DT_STRSZ) strings_size = value;
      if (entry->d_tag == DT_HASH) {
        const std::uint64_t table = offset_of(value);
        const bool there = image_.holds(table, 8);
        if (there) count = *image_.read<std::uint32_t>(table + 4);
      }
      if (entry->d_tag == DT_GNU_HASH) count = gnu_hash_count(offset_of(value));
    }
    const std::string_view names = image_.slice(strings, strings_size);
    if (!count || names.empty()) return problem("has a malformed dynamic section");
    for (std::uint64_t i = 0; i < *count; ++i) {
      const auto symbol = image_.read<Symbol>(symbols + i * sizeof(Symbol));
      if (!symbol) return problem("has a malformed symbol table");
      const unsigned binding = ELF64_ST_BIND(symbol->st_info);  // the same in both classes
      const bool visible =
          binding == STB_GLOBAL || binding == STB_WEAK || binding == STB_GNU_UNIQUE;
      // SHN_ABS: the names of symbol versions.
      if (!visible || symbol->st_shndx == SHN_UNDEF || symbol->st_shndx == SHN_ABS) continue;
      ++facts.export_count;
      if (facts.exports.size() < shown_exports) {
        facts.exports.push_back(printable_name(names, symbol->st_name));
      }
    }
    return {};
  }

  /// DT_GNU_HASH does not say how many symbols there are: the highest chain's end does.
  std::optional<std::uint64_t> gnu_hash_count(std::uint64_t table) const {
    const auto bucket_count = image_.read<std::uint32_t>(table);
    const auto first = image_.read<std::uint32_t>(table + 4);
    const auto bloom_words = image_.read<std::uint32_t>(table + 8);
    if (!bucket_count || !first || !bloom_words) return std::nullopt;
    const std::uint64_t buckets = table + 16 + std::uint64_t{*bloom_words} * sizeof(ElfW(Addr));
    if (!image_.holds(buckets, std::uint64_t{*bucket_count} * 4)) return std::nullopt;
    std::uint64_t last = 0;
    for (std::uint64_t i = 0; i < *bucket_count; ++i) {
      last = std::max<std::uint64_t>(last, *image_.read<std::uint32_t>(buckets + i * 4));
    }
    if (last < *first) return *first;  // every bucket is empty
    const std::uint64_t chains = buckets + std::uint64_t{*bucket_count} * 4;
    for (;; ++last) {
      const auto hash = image_.read<std::uint32_t>(chains + (last - *first) * 4);
      if (!hash) return std::nullopt;
      if ((*hash & 1) != 0) return last + 1;
    }
  }

  static std::string printable_name(std::string_view names, std::uint64_t at) {
    if (at >= names.size()) return "?";
    std::string name(names.substr(at, shown_name_bytes));
    name.resize(std::min(name.size(), name.find('\0')));
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return c < 0x21 || c > 0x7e; }, '?');
    return name;
  }

  Image image_;
  std::vector<Segment> segments_;
};

}  // namespace

Result<ElfFacts> read_elf(std::string_view bytes) {
  return Reader(bytes).read();
}

}  // namespace observerd::plugin
