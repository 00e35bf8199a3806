#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/json.hpp"
#include "base/status.hpp"

namespace observerd {

/// One value of a row where it stands in the text. Offsets and sizes are bytes.
struct RowNode {
  std::uint32_t key = 0;  ///< of a member: between the quotes, as written
  std::uint32_t key_size = 0;
  std::uint32_t value = 0;  ///< a string between its quotes, anything else as a whole
  std::uint32_t value_size = 0;
  std::uint32_t end = 0;  ///< the node behind this one and all that is inside it
  json::Type type = json::Type::Null;
  bool key_escaped = false;    ///< there is a backslash in the key
  bool value_escaped = false;  ///< or in the string
};

/// A row of an event: JSON text that was checked once, in one pass that also noted where each value
/// stands. What only looks at some fields (the matcher) walks the nodes; the tree of values is made
/// when somebody first asks for it (a template, an explanation), once for all copies. Absent rows
/// are false. A plain value, cheap to copy; safe to read from many threads.
class Row {
 public:
  /// What may be read behind the text, so that strings can be looked at in blocks.
  static constexpr std::size_t kPadding = 32;
  static constexpr int kMaxDepth = 200;

  Row() = default;
  /// A row that is there as values already.
  Row(json::Value value);  // NOLINT(google-explicit-constructor)

  /// Checks everything that json::parse checks; errors are its errors.
  static Result<Row> parse(std::string_view text, Code code);

  explicit operator bool() const { return data_ != nullptr; }
  bool has_value() const { return data_ != nullptr; }
  void reset() { data_.reset(); }
  /// The row as values. Only of a row that is there.
  const json::Value& operator*() const;
  const json::Value* operator->() const { return &**this; }

  /// Every value in document order, the row itself first. Only of a row that is there.
  std::span<const RowNode> nodes() const;
  /// What the offsets of the nodes point into; kPadding bytes behind its end may be read.
  std::string_view text() const;

 private:
  struct Data;
  explicit Row(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

  std::shared_ptr<const Data> data_;
};

/// A string of JSON without its quotes, escapes resolved. For text that a Row has checked.
std::string unescape_json(std::string_view raw);

}  // namespace observerd
