#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace observerd::store {

/// The conditions of a query that are asked for, joined by AND, with their values as parameters.
/// Only what is asked for gets into the text, so that the planner sees what an index can do.
/// Internal to host/store.
class Where {
 public:
  /// Each "$?" of `condition` becomes the number of the parameter that carries `value`.
  void add(std::string_view condition, std::string value);
  /// A condition without a value.
  void add(std::string_view condition);
  /// Nothing is added for what is not set.
  void add_text(std::string_view condition, const std::string& value);
  void add_time(std::string_view condition, const std::optional<WallTime>& value);
  void add_id(std::string_view condition, const std::optional<Uuid>& value);
  /// `condition` compares with an array: "x = ANY ($?::text[])".
  void add_words(std::string_view condition, const std::vector<std::string>& words);
  void add_ids(std::string_view condition, const std::vector<Uuid>& ids);

  /// " WHERE a AND b", or "".
  std::string sql() const { return text_.empty() ? std::string() : " WHERE " + text_; }
  /// $1, $2, …: for pqxx::prepare::make_dynamic_params.
  const std::vector<std::string>& values() const { return values_; }

 private:
  std::string text_;
  std::vector<std::string> values_;
};

/// An array literal of ids, as a text parameter.
std::string array_literal(const std::vector<Uuid>& ids);

}  // namespace observerd::store
