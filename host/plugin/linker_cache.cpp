#include "plugin/linker_cache.hpp"

#include "plugin/elf_image.hpp"

namespace observerd::plugin {
namespace {

constexpr std::string_view kMagic = "glibc-ld.so.cache1.1";

/// struct cache_file_new without its magic.
struct Header {
  std::uint32_t count;
  std::uint32_t strings_size;
  std::uint32_t flags_and_extensions[2];
  std::uint32_t unused[3];
};
/// struct file_entry_new: offsets from the start of the magic.
struct Entry {
  std::int32_t flags;
  std::uint32_t name, path;
  std::uint32_t os_version;
  std::uint64_t hwcap;
};
static_assert(sizeof(Header) == 28 && sizeof(Entry) == 24);

std::string_view text_at(std::string_view cache, std::uint32_t offset) {
  if (offset >= cache.size()) return {};
  const std::size_t end = cache.find('\0', offset);
  return end == std::string_view::npos ? std::string_view() : cache.substr(offset, end - offset);
}

}  // namespace

std::vector<std::string> cached_paths(std::string_view cache, std::string_view name) {
  std::vector<std::string> out;
  // Older ldconfigs write a cache of an older format in front of it.
  const std::size_t start = cache.find(kMagic);
  if (start == std::string_view::npos) return out;
  cache.remove_prefix(start);
  const Bytes bytes(cache);
  const auto header = bytes.read<Header>(kMagic.size());
  if (!header) return out;
  std::uint64_t at = kMagic.size() + sizeof(Header);
  for (std::uint32_t i = 0; i < header->count; ++i, at += sizeof(Entry)) {
    const auto entry = bytes.read<Entry>(at);
    if (!entry) break;
    if (text_at(cache, entry->name) != name) continue;
    const std::string_view path = text_at(cache, entry->path);
    if (!path.empty()) out.emplace_back(path);
  }
  return out;
}

}  // namespace observerd::plugin
