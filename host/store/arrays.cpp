#include "store/arrays.hpp"

#include <chrono>

#include "base/strings.hpp"

namespace observerd::store {
namespace {

/// Network byte order.
void append_big_endian(std::string& out, std::uint64_t value, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out += static_cast<char>((value >> shift) & 0xff);
  }
}

}  // namespace

void ArrayParameter::add_length(std::int32_t length) {
  append_big_endian(body_, static_cast<std::uint32_t>(length), 4);
  ++count_;
}

void ArrayParameter::add_bytes(std::string_view bytes) {
  add_length(static_cast<std::int32_t>(bytes.size()));
  body_ += bytes;
}

void ArrayParameter::add_number(std::int64_t value) {
  const int bytes = element_ == Element::Int2 ? 2 : element_ == Element::Int4 ? 4 : 8;
  add_length(bytes);
  append_big_endian(body_, static_cast<std::uint64_t>(value), bytes);
}

void ArrayParameter::add_bool(bool value) {
  add_bytes(std::string_view(value ? "\1" : "\0", 1));
}

void ArrayParameter::add_uuid(const Uuid& id) {
  add_length(static_cast<std::int32_t>(id.bytes.size()));
  body_.append(id.bytes.begin(), id.bytes.end());
}

void ArrayParameter::add_time(WallTime time) {
  add_number(to_microseconds(time));
}

void ArrayParameter::add_text(std::string_view text) {
  if (text.find('\0') == std::string_view::npos && is_valid_utf8(text)) {
    add_bytes(text);
  } else {
    add_bytes(storable_text(text));
  }
}

void ArrayParameter::add_text_or_null(std::string_view text) {
  if (text.empty()) {
    add_null();
  } else {
    add_text(text);
  }
}

void ArrayParameter::add_json_or_null(std::string_view text) {
  if (text.empty()) {
    add_null();
  } else {
    add_bytes(text);
  }
}

pqxx::binarystring ArrayParameter::value() const {
  std::string out;
  out.reserve(body_.size() + 20);
  append_big_endian(out, count_ == 0 ? 0 : 1, 4);  // dimensions
  append_big_endian(out, 1, 4);                    // there may be NULLs
  append_big_endian(out, static_cast<std::uint32_t>(element_), 4);
  if (count_ > 0) {
    append_big_endian(out, count_, 4);
    append_big_endian(out, 1, 4);  // the first subscript
  }
  out += body_;
  return pqxx::binarystring(out);
}

std::string storable_text(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 8);
  std::size_t at = 0;
  while (at < text.size()) {
    // The longest well-formed character here; none is longer than four bytes.
    std::size_t length = 0;
    for (std::size_t n = 1; n <= 4 && at + n <= text.size(); ++n) {
      if (is_valid_utf8(text.substr(at, n))) {
        length = n;
        break;
      }
    }
    if (length == 0 || text[at] == '\0') {
      out += "\xEF\xBF\xBD";
      ++at;
    } else {
      out.append(text, at, length);
      at += length;
    }
  }
  return out;
}

std::int64_t to_microseconds(WallTime time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

WallTime from_microseconds(std::int64_t microseconds) {
  return WallTime(
      std::chrono::duration_cast<WallTime::duration>(std::chrono::microseconds(microseconds)));
}

}  // namespace observerd::store
