#include "matcher/symbols.hpp"

#include <algorithm>
#include <functional>

namespace observerd::matcher {
namespace {

std::uint64_t mixed(std::uint64_t value) {
  value = (value ^ (value >> 31)) * 0x9E3779B97F4A7C15;
  return value ^ (value >> 29);
}

}  // namespace

Symbols::Key Symbols::key_of(const condition::Operand& value, std::string& scratch) {
  Key key;
  key.type = value.type;
  switch (value.type) {
    case json::Type::String:
      key.text = value.text;
      key.hash = std::hash<std::string_view>()(value.text);
      return key;
    case json::Type::Number:
      key.small = value.small;
      if (key.small.scale < 0) {
        scratch = canonical_number(value.number());
        key.small = SmallDecimal::parse(scratch).value_or(key.small);
      }
      if (key.small.scale < 0) {
        key.text = scratch;
        key.hash = std::hash<std::string_view>()(key.text);
        return key;
      }
      while (key.small.scale > 0 && key.small.mantissa % 10 == 0) {
        key.small.mantissa /= 10;
        --key.small.scale;
      }
      key.hash = mixed(static_cast<std::uint64_t>(key.small.mantissa) * 32 +
                       static_cast<std::uint64_t>(key.small.scale));
      return key;
    case json::Type::Boolean:
      key.small = {value.boolean ? 1 : 0, 0};
      key.hash = mixed(value.boolean ? 2 : 1);
      return key;
    default:
      return key;
  }
}

std::size_t Symbols::place_of(const Key& key) const {
  const std::size_t mask = entries_.size() - 1;
  std::size_t at = key.hash & mask;
  for (; entries_[at].symbol != kNone; at = (at + 1) & mask) {
    const Entry& entry = entries_[at];
    if (entry.hash == key.hash && entry.type == key.type &&
        entry.small.mantissa == key.small.mantissa && entry.small.scale == key.small.scale &&
        std::string_view(texts_).substr(entry.text, entry.text_size) == key.text) {
      break;
    }
  }
  return at;
}

void Symbols::grow() {
  std::vector<Entry> old(std::max<std::size_t>(4, entries_.size() * 2));
  old.swap(entries_);
  const std::size_t mask = entries_.size() - 1;
  for (const Entry& entry : old) {
    if (entry.symbol == kNone) continue;
    std::size_t at = entry.hash & mask;
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
    entry = {key.hash,
             ++count_,
             key.type,
             key.small,
             static_cast<std::uint32_t>(texts_.size()),
             static_cast<std::uint32_t>(key.text.size())};
    texts_ += key.text;
  }
  return entry.symbol;
}

std::uint32_t Symbols::find(const condition::Operand& value) const {
  if (entries_.empty() || value.json != nullptr) return kNone;
  std::string scratch;
  return entries_[place_of(key_of(value, scratch))].symbol;
}

}  // namespace observerd::matcher
