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

void Symbols::set_key(Key& key, const condition::Operand& value) {
  key.type = value.type;
  key.small = false;
  key.text = value.text;
  if (value.type == json::Type::Number) {
    SmallDecimal number = value.small;
    if (number.scale < 0) {
      key.made = canonical_number(value.number());
      key.text = key.made;
      number = SmallDecimal::parse(key.made).value_or(number);
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
      return;
    }
  } else if (value.type != json::Type::String) {
    key.text = {};
    key.words = words_of({value.boolean ? 1 : 0, 0});
    key.hash = key.words.hash();
    return;
  }
  key.words = TextKey(key.text);
  key.hash = hash_of_text(key.words, key.text);
}

bool Symbols::equal(const Entry& entry, const Key& key) const {
  return entry.words == key.words && entry.type == key.type && entry.small == key.small &&
         (key.words.whole() ||
          std::string_view(texts_).substr(entry.text, key.words.size) == key.text);
}

std::size_t Symbols::place_of(const Key& key) const {
  const std::size_t mask = buckets_.size() - 1;
  const std::uint32_t tag = tag_of(key.hash);
  std::size_t at = key.hash & mask;
  for (; buckets_[at].symbol != kNone; at = (at + 1) & mask) {
    if (buckets_[at].tag == tag && equal(entries_[buckets_[at].symbol - 1], key)) break;
  }
  return at;
}

std::uint64_t Symbols::hash_of(const Entry& entry) const {
  if (entry.words.whole()) return entry.words.hash();
  return hash_of_text(entry.words, std::string_view(texts_).substr(entry.text, entry.words.size));
}

void Symbols::grow() {
  buckets_.assign(std::max<std::size_t>(4, buckets_.size() * 2), Bucket());
  const std::size_t mask = buckets_.size() - 1;
  for (std::uint32_t symbol = 1; symbol <= entries_.size(); ++symbol) {
    const std::uint64_t hash = hash_of(entries_[symbol - 1]);
    std::size_t at = hash & mask;
    while (buckets_[at].symbol != kNone) at = (at + 1) & mask;
    buckets_[at] = {tag_of(hash), symbol};
  }
}

std::uint32_t Symbols::add(const condition::Operand& value) {
  if ((entries_.size() + 1) * 2 > buckets_.size()) grow();
  Key key;
  set_key(key, value);
  Bucket& bucket = buckets_[place_of(key)];
  if (bucket.symbol == kNone) {
    entries_.push_back({key.type, key.small, key.words, static_cast<std::uint32_t>(texts_.size())});
    if (!key.words.whole()) texts_ += key.text;
    bucket = {tag_of(key.hash), static_cast<std::uint32_t>(entries_.size())};
  }
  return bucket.symbol;
}

std::uint32_t Symbols::find(const condition::Operand& value) const {
  if (buckets_.empty() || value.json != nullptr) return kNone;
  Key key;
  set_key(key, value);
  return find(key);
}

void Symbols::prepare(const condition::Operand& value, Key& key) const {
  set_key(key, value);
  __builtin_prefetch(&buckets_[key.hash & (buckets_.size() - 1)]);
}

}  // namespace observerd::matcher
