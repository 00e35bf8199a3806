#pragma once

#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::plugin {

/// Bytes in memory; reads that leave them give nothing. A view: the bytes must outlive it.
class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}

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

/// A shared library of this machine, in bytes that may be anything. What the loader goes by counts:
/// program headers and dynamic section, not section headers.
class ElfImage : public Bytes {
 public:
  using Segment = ElfW(Phdr);
  using Dynamic = ElfW(Dyn);

  /// Reads the program headers. Errors are OB016 and their message continues a sentence that starts
  /// with the file's name ("is no ELF file").
  static Result<ElfImage> open(std::string_view bytes);

  const std::vector<Segment>& segments() const { return segments_; }
  /// Where in the file the byte is that will stand at that address; UINT64_MAX for nowhere.
  std::uint64_t offset_of(std::uint64_t address) const;
  /// The entries of the dynamic section up to its end; nullopt without such a section.
  std::optional<std::vector<Dynamic>> dynamic() const;
  /// The table of strings that the dynamic section names; empty when there is none.
  std::string_view strings(const std::vector<Dynamic>& dynamic) const;

 private:
  explicit ElfImage(std::string_view bytes) : Bytes(bytes) {}
  Status read_segments();

  std::vector<Segment> segments_;
};

}  // namespace observerd::plugin
