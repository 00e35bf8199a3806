#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "condition/operand.hpp"
#include "condition/text_key.hpp"

namespace observerd::matcher {

/// Numbers the values that conditions compare one field with. Equal values, as the language sees
/// them (100.00 and 1e2), have one number. Filled once, then only read. What is hashed at run time
/// comes from outside, but what it could collide with is the configuration's own.
class Symbols {
 public:
  /// A value in the form in which equal ones are the same: a text, or a number that fits, or a
  /// boolean, as the words of a TextKey; `text` where they are not all of it.
  struct Key {
    std::uint64_t hash = 0;
    json::Type type = json::Type::Null;
    bool small = false;  ///< a number that fits
    condition::TextKey words;
    std::string_view text;
    std::string made;  ///< what `text` points at when the value does not have it
  };
  /// Of a value that no condition names. Arrays and objects never have another.
  static constexpr std::uint32_t kNone = 0;

  std::uint32_t add(const condition::Operand& value);
  std::uint32_t find(const condition::Operand& value) const;
  /// The same in two steps, so that other work can be done while the memory is fetched. The key is
  /// valid as long as the value is.
  void prepare(const condition::Operand& value, Key& key) const;
  std::uint32_t find(const Key& key) const { return buckets_[place_of(key)].symbol; }
  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    json::Type type = json::Type::Null;
    bool small = false;
    condition::TextKey words;
    std::uint32_t text = 0;  ///< offset in texts_
  };
  /// What a look-up that finds nothing has to read, and most find nothing: kept small.
  struct Bucket {
    std::uint32_t tag = 0;  ///< of the hash
    std::uint32_t symbol = kNone;
  };

  static void set_key(Key& key, const condition::Operand& value);
  static std::uint32_t tag_of(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }
  bool equal(const Entry& entry, const Key& key) const;
  std::uint64_t hash_of(const Entry& entry) const;
  /// The bucket that has the key, or the free one where it belongs.
  std::size_t place_of(const Key& key) const;
  void grow();

  std::vector<Bucket> buckets_;  ///< a power of two, at most half full
  std::vector<Entry> entries_;   ///< by symbol, the first is 1
  std::string texts_;
};

}  // namespace observerd::matcher
