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
  /// Of a value that no condition names. Arrays and objects never have another.
  static constexpr std::uint32_t kNone = 0;

  std::uint32_t add(const condition::Operand& value);
  std::uint32_t find(const condition::Operand& value) const;
  std::size_t size() const { return count_; }

 private:
  /// A value in the form in which equal ones are the same: a text, or a number that fits, or a
  /// boolean, as the words of a TextKey; `text` where they are not all of it.
  struct Key {
    std::uint64_t hash = 0;
    json::Type type = json::Type::Null;
    bool small = false;  ///< a number that fits
    condition::TextKey words;
    std::string_view text;
  };
  struct Entry {
    std::uint32_t symbol = kNone;
    json::Type type = json::Type::Null;
    bool small = false;
    condition::TextKey words;
    std::uint32_t text = 0;  ///< offset in texts_
  };

  static Key key_of(const condition::Operand& value, std::string& scratch);
  std::uint64_t hash_of(const Entry& entry) const;
  std::size_t place_of(const Key& key) const;
  void grow();

  std::vector<Entry> entries_;  ///< a power of two, at most half full
  std::string texts_;
  std::uint32_t count_ = 0;
};

}  // namespace observerd::matcher
