#include "plugin/elf_note.hpp"

#include <algorithm>
#include <utility>

#include "plugin/elf_image.hpp"

namespace observerd::plugin {
namespace {

using Segment = ElfImage::Segment;
using Dynamic = ElfImage::Dynamic;
using Symbol = ElfW(Sym);

constexpr std::size_t shown_exports = 16;
constexpr std::size_t shown_name_bytes = 128;

Status problem(std::string message) {
  return Status::error(Code::PluginLoad, std::move(message));
}

std::uint64_t aligned(std::uint64_t value, std::uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

/// gabi "Note Section"; alignment 8 is what GNU uses for .note.gnu.property.
std::optional<AbiNote> note_in(std::string_view segment, std::uint64_t alignment) {
  const Bytes image(segment);
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
  explicit Reader(ElfImage image) : image_(std::move(image)) {}

  Result<ElfFacts> read() {
    ElfFacts facts;
    // Without the header the loader takes the stack to be executable.
    facts.executable_stack = true;
    for (const Segment& segment : image_.segments()) {
      if (segment.p_type == PT_GNU_STACK) facts.executable_stack = (segment.p_flags & PF_X) != 0;
      if (segment.p_type == PT_NOTE && !facts.note) {
        facts.note =
            note_in(image_.slice(segment.p_offset, segment.p_filesz), segment.p_align == 8 ? 8 : 4);
      }
    }
    const auto dynamic = image_.dynamic();
    if (!dynamic) return problem("has no dynamic section");
    if (Status bad = read_exports(*dynamic, facts); !bad.ok()) return bad;
    return facts;
  }

 private:
  Status read_exports(const std::vector<Dynamic>& dynamic, ElfFacts& facts) const {
    std::uint64_t symbols = UINT64_MAX;
    std::optional<std::uint64_t> count;
    for (const Dynamic& entry : dynamic) {
      const std::uint64_t at = image_.offset_of(entry.d_un.d_ptr);
      if (entry.d_tag == DT_SYMTAB) symbols = at;
      if (entry.d_tag == DT_HASH && image_.holds(at, 8)) {
        count = *image_.read<std::uint32_t>(at + 4);
      }
      if (entry.d_tag == DT_GNU_HASH) count = gnu_hash_count(at);
    }
    const std::string_view names = image_.strings(dynamic);
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

  ElfImage image_;
};

}  // namespace

Result<ElfFacts> read_elf(std::string_view bytes) {
  Result<ElfImage> image = ElfImage::open(bytes);
  if (!image) return image.status();
  return Reader(*std::move(image)).read();
}

}  // namespace observerd::plugin
