#include "matcher/symbols.hpp"

#include <algorithm>
#include <functional>

namespace observerd::matcher {
namespace {

using condition::TextKey;

/// Of values of which many may share their beginning and end.
std::uint64_t hash_of_text(const TextKey& words, std::string_view text) {
  return words.whole() ? words.hash() : std::hash<std::string_view>()(text);
}

TextKey words_of(SmallDecimal number) {
  TextKey words;
  words.head = static_cast<std::uint64_t>(number.mantissa);
  words.tail = static_cast<std::uint64_t>(number.scale);
  return words;
}

}  // namespace

Symbols::Key Symbols::key_of(const condition::Operand& value, std::string& scratch) {
  Key key;
  key.type = value.type;
  key.text = value.text;
  if (value.type == json::Type::Number) {
    SmallDecimal number = value.small;
    if (number.scale < 0) {
      scratch = canonical_number(value.number());
      key.text = scratch;
      number = SmallDecimal::parse(scratch).value_or(number);
    }
    key.small = number.scale >= 0;
    while (number.scale > 0 && number.mantissa % 10 == 0) {
      number.mantissa /= 10;
      --number.scale;
    }
    if (key.small) {
      key.text = {};
      key.words = words_of(number);
      key.hash = key.words.hash();
      return key;
    }
  } else if (value.type != json::Type::String) {
    key.text = {};
    key.words = words_of({value.boolean ? 1 : 0, 0});
    key.hash = key.words.hash();
    return key;
  }
  key.words = TextKey(key.text);
  key.hash = hash_of_text(key.words, key.text);
  return key;
}

std::size_t Symbols::place_of(const Key& key) const {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = key.hash & mask;
  for (; entries_[at].symbol != kNone; at = (at + 1) & mask) {
    const Entry& entry = entries_[at];
    if (entry.words == key.words && entry.type == key.type && entry.small == key.small &&
        (key.words.whole() ||
         std::string_view(texts_).substr(entry.text, key.words.size) == key.text)) {
      break;
    }
  }
  return at;
}

std::uint64_t Symbols::hash_of(const Entry& entry) const {
  if (entry.words.whole()) return entry.words.hash();
  return hash_of_text(entry.words, std::string_view(texts_).substr(entry.text, entry.words.size));
}

void Symbols::grow() {
  std::vector<Entry> old(std::max<std::size_t>(4, entries_.size() * 2));
  old.swap(entries_);
  const std::size_t mask = entries_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.symbol == kNone) continue;
    std::size_t at = hash_of(entry) & mask;
    while (entries_[at].symbol != kNone) at = (at + 1) & mask;
    entries_[at] = entry;
  }
}

std::uint32_t Symbols::add(const condition::Operand& value) {
  if ((count_ + 1) * 2 > entries_.size()) grow();
  std::string scratch;
  const Key key = key_of(value, scratch);
  Entry& entry = entries_[place_of(key)];
  if (entry.symbol == kNone) {
    entry = {++count_, key.type, key.small, key.words, static_cast<std::uint32_t>(texts_.size())};
    if (!key.words.whole()) texts_ += key.text;
  }
  return entry.symbol;
}

std::uint32_t Symbols::find(const condition::Operand& value) const {
  if (entries_.empty() || value.json != nullptr) return kNone;
  std::string scratch;
  return entries_[place_of(key_of(value, scratch))].symbol;
}

}  // namespace observerd::matcher
