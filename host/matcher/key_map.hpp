#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace observerd::matcher {

/// From keys that are not zero to numbers. Filled once, then only read.
class KeyMap {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  void insert(std::uint64_t key, std::uint32_t value) {
    if ((count_ + 1) * 2 > entries_.size()) grow();
    Entry& entry = entries_[place_of(key)];
    if (entry.key == 0) ++count_;
    entry = {key, value};
  }
  std::uint32_t find(std::uint64_t key) const {
    if (entries_.empty()) return kNone;
    const Entry& entry = entries_[place_of(key)];
    return entry.key == 0 ? kNone : entry.value;
  }

  void prefetch(std::uint64_t key) const {
    if (!entries_.empty()) __builtin_prefetch(&entries_[first_place(key)]);
  }

 private:
  struct Entry {
    std::uint64_t key = 0;
    std::uint32_t value = 0;
  };

  std::size_t first_place(std::uint64_t key) const {
    const std::uint64_t hash = key * 0x9E3779B97F4A7C15;
    return (hash ^ (hash >> 32)) & (entries_.size() - 1);
  }
  std::size_t place_of(std::uint64_t key) const {
    const std::size_t mask = entries_.size() - 1;
    std::size_t at = first_place(key);
    while (entries_[at].key != 0 && entries_[at].key != key) at = (at + 1) & mask;
    return at;
  }
  void grow() {
    std::vector<Entry> old(std::max<std::size_t>(4, entries_.size() * 2));
    old.swap(entries_);
    for (const Entry& entry : old) {
      if (entry.key != 0) entries_[place_of(entry.key)] = entry;
    }
  }

  std::vector<Entry> entries_;  ///< a power of two, at most half full
  std::size_t count_ = 0;
};

}  // namespace observerd::matcher
