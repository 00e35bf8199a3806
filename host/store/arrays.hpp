#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace observerd::store {

/// Builds the text form of a one-dimensional PostgreSQL array ("Arrays", section 8.15 of the
/// manual), so that one parameter carries a column of any number of rows.
class ArrayText {
 public:
  void add_null();
  void add_number(std::int64_t value);
  void add_bool(bool value) { add_word(value ? "t" : "f"); }
  void add_uuid(const Uuid& id) { add_word(id.to_string()); }
  /// Microseconds since 1970; exact, and independent of any date format.
  void add_time(WallTime time);
  /// Text of any origin: what a PostgreSQL text cannot hold (NUL, malformed UTF-8) becomes U+FFFD.
  void add_text(std::string_view text);
  /// NULL when empty.
  void add_text_or_null(std::string_view text);
  /// JSON text that is known to be well-formed UTF-8 without NUL bytes. NULL when empty.
  void add_json_or_null(std::string_view text);

  std::size_t size() const { return count_; }
  std::string literal() const { return "{" + body_ + "}"; }

 private:
  void add_word(std::string_view word);
  void add_quoted(std::string_view text);
  void separate();

  std::string body_;
  std::size_t count_ = 0;
};

/// The same text, NUL bytes and malformed UTF-8 replaced by U+FFFD.
std::string storable_text(std::string_view text);

std::int64_t to_microseconds(WallTime time);
WallTime from_microseconds(std::int64_t microseconds);

}  // namespace observerd::store
