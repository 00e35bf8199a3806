#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace observerd::condition {

/// A text as two words and its size: for up to kWhole bytes that is all of it, so that two of them
/// are compared, and hashed, without looking at the texts again. Of a longer one it is the
/// beginning and the end.
struct TextKey {
  static constexpr std::size_t kWhole = 16;

  std::uint64_t head = 0;
  std::uint64_t tail = 0;
  std::uint32_t size = 0;

  TextKey() = default;
  explicit TextKey(std::string_view text) : size(static_cast<std::uint32_t>(text.size())) {
    const char* const at = text.data();
    if (size >= 8) {
      head = load<std::uint64_t>(at);
      tail = load<std::uint64_t>(at + size - 8);
    } else if (size >= 4) {
      head = load<std::uint32_t>(at);
      tail = load<std::uint32_t>(at + size - 4);
    } else if (size > 0) {
      head = static_cast<unsigned char>(at[0]);
      tail = static_cast<std::uint64_t>(static_cast<unsigned char>(at[size / 2])) << 8 |
             static_cast<unsigned char>(at[size - 1]);
    }
  }

  bool operator==(const TextKey&) const = default;
  bool whole() const { return size <= kWhole; }
  std::uint64_t hash() const {
    std::uint64_t hash = (head + size) * 0x9E3779B97F4A7C15;
    hash = (hash ^ (hash >> 32) ^ tail) * 0xD6E8FEB86659FD93;
    return hash ^ (hash >> 29);
  }

 private:
  template <typename Word>
  static std::uint64_t load(const char* at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
  }
};

}  // namespace observerd::condition
