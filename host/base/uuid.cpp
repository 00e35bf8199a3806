#include "base/uuid.hpp"

#include <algorithm>
#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid.hpp>

namespace observerd {
namespace {

Uuid from_boost(const boost::uuids::uuid& id) {
  Uuid out;
  std::copy(id.begin(), id.end(), out.bytes.begin());
  return out;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

constexpr bool dash_follows(std::size_t byte) {
  return byte == 3 || byte == 5 || byte == 7 || byte == 9;
}

}  // namespace

std::string Uuid::to_string() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
    if (dash_follows(i)) text += '-';
  }
  return text;
}

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) {
    const int high = hex_digit(text[at]);
    const int low = hex_digit(text[at + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(high * 16 + low);
    at += 2;
    if (dash_follows(i) && text[at++] != '-') return std::nullopt;
  }
  return id;
}

Uuid Uuid::v5(const Uuid& space, std::string_view name) {
  boost::uuids::uuid boost_space;
  std::copy(space.bytes.begin(), space.bytes.end(), boost_space.begin());
  boost::uuids::name_generator_sha1 generator(boost_space);
  return from_boost(generator(name.data(), name.size()));
}

Uuid Uuid::random() {
  thread_local boost::uuids::random_generator generator;
  return from_boost(generator());
}

}  // namespace observerd
