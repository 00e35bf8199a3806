#pragma once

#include <cstdint>
#include <pqxx/binarystring>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace observerd::store {

/// Builds a one-dimensional PostgreSQL array in its binary form (array_send in the server's
/// arrayfuncs.c), so that one parameter carries a column of any number of rows. Binary, since the
/// text form has to be escaped here and picked apart there, byte by byte, for every row of JSON.
class ArrayParameter {
 public:
  void add_null() { add_length(-1); }
  /// `value` fits the element.
  void add_number(std::int64_t value);
  void add_bool(bool value);
  void add_uuid(const Uuid& id);
  /// Microseconds since 1970; exact, and independent of any date format.
  void add_time(WallTime time);
  /// Text of any origin: what a PostgreSQL text cannot hold (NUL, malformed UTF-8) becomes U+FFFD.
  void add_text(std::string_view text);
  /// NULL when empty.
  void add_text_or_null(std::string_view text);
  /// JSON text that is known to be well-formed UTF-8 without NUL bytes. NULL when empty.
  void add_json_or_null(std::string_view text);

  std::size_t size() const { return count_; }
  pqxx::binarystring value() const;

 protected:
  /// The element's row in pg_type: these numbers are the same in every database.
  enum class Element : std::uint32_t {
    Bool = 16,
    Int8 = 20,
    Int2 = 21,
    Int4 = 23,
    Text = 25,
    Uuid = 2950,
  };
  explicit ArrayParameter(Element element) : element_(element) {}

 private:
  void add_length(std::int32_t length);
  void add_bytes(std::string_view bytes);

  Element element_;
  std::string body_;
  std::size_t count_ = 0;
};

struct BoolArray : ArrayParameter {
  BoolArray() : ArrayParameter(Element::Bool) {}
};
struct Int2Array : ArrayParameter {
  Int2Array() : ArrayParameter(Element::Int2) {}
};
struct Int4Array : ArrayParameter {
  Int4Array() : ArrayParameter(Element::Int4) {}
};
struct Int8Array : ArrayParameter {
  Int8Array() : ArrayParameter(Element::Int8) {}
};
struct TextArray : ArrayParameter {
  TextArray() : ArrayParameter(Element::Text) {}
};
struct UuidArray : ArrayParameter {
  UuidArray() : ArrayParameter(Element::Uuid) {}
};

/// The same text, NUL bytes and malformed UTF-8 replaced by U+FFFD.
std::string storable_text(std::string_view text);

std::int64_t to_microseconds(WallTime time);
WallTime from_microseconds(std::int64_t microseconds);

}  // namespace observerd::store
