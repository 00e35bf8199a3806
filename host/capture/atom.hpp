#pragma once

#include <string>

#include "base/json.hpp"
#include "capture/bound.hpp"
#include "capture/row_columns.hpp"
#include "condition/tree.hpp"

namespace observerd::capture {

/// Bounds of a condition that is true, false or an error: it is true at most when `fires`, false at
/// most when `fails`. Negation swaps them.
struct Bounds {
  Bound fires;
  Bound fails;

  static Bounds unknown() { return {Bound::always(), Bound::always()}; }
  static Bounds error() { return {Bound::never(), Bound::never()}; }
  static Bounds of(bool value) {
    return value ? Bounds{Bound::always(), Bound::never()}
                 : Bounds{Bound::never(), Bound::always()};
  }
};

Bounds negated(Bounds bounds);

/// A value that a condition looks at: a constant, a column of one of the rows, or unknown.
struct Atom {
  enum class Is : unsigned char { Constant, Column, Unknown };
  Is is = Is::Unknown;
  json::Value constant;  ///< no array, no object
  ValueType type = ValueType::Opaque;
  std::string sql;  ///< of a column: NEW."name"

  static Atom of(json::Value constant) { return {Is::Constant, std::move(constant), {}, {}}; }
  static Atom of(const RowColumn& column, const char* row);

  bool is_column(ValueType wanted) const { return is == Is::Column && type == wanted; }
};

/// IS NULL; unknown where a null can hide.
Bounds is_null(const Atom& atom);
/// The atom as a predicate: true, false, or an error.
Bounds is_true(const Atom& atom);
Bounds compared(condition::Comparison comparison, const Atom& a, const Atom& b);
/// Equal to a quoted value of field_changed_to, which also means a number or boolean of that text.
Bounds equals_quoted(const Atom& atom, const std::string& quoted);
/// Two versions of one column differ.
Bounds differs(const Atom& before, const Atom& after);

/// contains, starts_with, ends_with with a constant.
Bounds text_test(condition::Function function, const Atom& text, const std::string& part);
Bounds like(const Atom& text, const std::string& pattern);

}  // namespace observerd::capture
