#include "capture/atom.hpp"

#include <algorithm>

#include "condition/operand.hpp"
#include "event/decimal.hpp"
#include "postgres/quote.hpp"

namespace observerd::capture {
namespace {

using condition::Comparison;
using condition::holds;
using condition::mirrored;

Bound when(const std::string& expression, const char* test) {
  return Bound::when("((" + expression + ") " + test + ')');
}

/// A literal for SQL; empty for what a text of PostgreSQL cannot hold.
std::string text_literal(const std::string& text) {
  if (text.find('\0') != std::string::npos) return {};
  return postgres::quote_literal(text) + "::text";
}

/// A column that is text in the row's JSON, as that very text, compared byte by byte: the order of
/// code points. Empty for any other.
std::string text_of(const Atom& atom) {
  if (atom.is_column(ValueType::Text)) return atom.sql + " COLLATE \"C\"";
  if (atom.is_column(ValueType::Label)) return atom.sql + "::text COLLATE \"C\"";
  return {};
}

bool is_exact_number(const Atom& atom) {
  return atom.is_column(ValueType::Integer) || atom.is_column(ValueType::Decimal);
}

bool is_float(const Atom& atom) {
  return atom.is_column(ValueType::Real) || atom.is_column(ValueType::Double);
}

/// A number as a constant that compares with the column without an error and, for integers, in
/// their own type; empty when there is none.
std::string number_literal(const std::string& digits, ValueType column) {
  constexpr std::size_t kMostDigits = 100;
  const auto small = SmallDecimal::parse(digits);
  if (column == ValueType::Real || column == ValueType::Double) {
    // Up to 18 digits without an exponent: neither overflow nor underflow.
    if (!small) return {};
    return '\'' + digits + (column == ValueType::Real ? "'::float4" : "'::float8");
  }
  if (small && small->scale == 0 && column == ValueType::Integer) {
    return '\'' + digits + "'::int8";
  }
  const bool plain = digits.find_first_of("eE") == std::string::npos;
  if (!small && !(plain && digits.size() <= kMostDigits)) return {};
  return '\'' + digits + "'::numeric";
}

Bounds equal_to_constant(const Atom& column, const json::Value& constant) {
  switch (constant.type()) {
    case json::Type::Null:
      return is_null(column);
    case json::Type::Boolean: {
      if (!column.is_column(ValueType::Boolean)) return Bounds::unknown();
      const bool value = constant.as_boolean();
      return {when(column.sql, value ? "IS TRUE" : "IS FALSE"),
              when(column.sql, value ? "IS NOT TRUE" : "IS NOT FALSE")};
    }
    case json::Type::Number: {
      if (!is_exact_number(column) && !is_float(column)) return Bounds::unknown();
      const std::string literal = number_literal(constant.text(), column.type);
      if (literal.empty()) return Bounds::unknown();
      const std::string equal = column.sql + " = " + literal;
      // A float is the constant's neighbour: its own digits may well be others.
      return {when(equal, "IS TRUE"),
              is_float(column) ? Bound::always() : when(equal, "IS NOT TRUE")};
    }
    case json::Type::String: {
      const std::string literal = text_literal(constant.text());
      if (literal.empty()) return Bounds::unknown();
      if (column.is_column(ValueType::Blank)) {
        return {when(column.sql + " COLLATE \"C\" = " + postgres::quote_literal(constant.text()) +
                         "::bpchar",
                     "IS TRUE"),
                Bound::always()};
      }
      const std::string text = text_of(column);
      if (text.empty()) return Bounds::unknown();
      return {when(text + " = " + literal, "IS TRUE"), when(text + " = " + literal, "IS NOT TRUE")};
    }
    default:
      return Bounds::unknown();
  }
}

/// What makes two columns comparable: both exact numbers, both text, or of one type.
bool alike(const Atom& a, const Atom& b) {
  if (is_exact_number(a)) return is_exact_number(b);
  if (!text_of(a).empty()) return !text_of(b).empty();
  return is_float(a) && a.type == b.type;
}

std::string side(const Atom& column) {
  const std::string text = text_of(column);
  return text.empty() ? column.sql : text;
}

Bounds equal(const Atom& a, const Atom& b) {
  if (a.is == Atom::Is::Unknown || b.is == Atom::Is::Unknown) return Bounds::unknown();
  if (a.is == Atom::Is::Constant) {
    return b.is == Atom::Is::Constant ? Bounds::of(json_equal(a.constant, b.constant))
                                      : equal_to_constant(b, a.constant);
  }
  if (b.is == Atom::Is::Constant) return equal_to_constant(a, b.constant);
  if (!alike(a, b) && !(a.type == ValueType::Boolean && b.type == ValueType::Boolean)) {
    return Bounds::unknown();
  }
  return {when(side(a) + " IS NOT DISTINCT FROM " + side(b), "IS TRUE"),
          when(side(a) + " IS DISTINCT FROM " + side(b), "IS TRUE")};
}

struct Operators {
  const char* holds;
  const char* fails;
  /// For floats, whose digits lie on the same side of the constant as they do, or are equal to its
  /// neighbour.
  const char* perhaps_holds;
  const char* perhaps_fails;
};

Operators operators(Comparison comparison) {
  switch (comparison) {
    case Comparison::Less:
      return {" < ", " >= ", " <= ", " >= "};
    case Comparison::LessOrEqual:
      return {" <= ", " > ", " <= ", " >= "};
    case Comparison::Greater:
      return {" > ", " <= ", " >= ", " <= "};
    default:
      return {" >= ", " < ", " >= ", " <= "};
  }
}

Bounds ordered_constants(Comparison comparison, const json::Value& a, const json::Value& b) {
  if (a.type() != b.type()) return Bounds::error();
  if (a.is_number()) return Bounds::of(holds(comparison, compare_numbers(a.text(), b.text())));
  if (a.is_string()) return Bounds::of(holds(comparison, a.text() <=> b.text()));
  return Bounds::error();
}

Bounds ordered_with_constant(Comparison comparison, const Atom& column,
                             const json::Value& constant) {
  const Operators words = operators(comparison);
  std::string literal;
  if (constant.is_number() && (is_exact_number(column) || is_float(column))) {
    literal = number_literal(constant.text(), column.type);
  } else if (constant.is_string() && !text_of(column).empty()) {
    literal = text_literal(constant.text());
  }
  if (literal.empty()) return Bounds::unknown();
  const std::string left = side(column);
  if (is_float(column)) {
    return {when(left + words.perhaps_holds + literal, "IS TRUE"),
            when(left + words.perhaps_fails + literal, "IS TRUE")};
  }
  return {when(left + words.holds + literal, "IS TRUE"),
          when(left + words.fails + literal, "IS TRUE")};
}

Bounds ordered(Comparison comparison, const Atom& a, const Atom& b) {
  if (a.is == Atom::Is::Unknown || b.is == Atom::Is::Unknown) return Bounds::unknown();
  if (a.is == Atom::Is::Constant) {
    return b.is == Atom::Is::Constant ? ordered_constants(comparison, a.constant, b.constant)
                                      : ordered_with_constant(mirrored(comparison), b, a.constant);
  }
  if (b.is == Atom::Is::Constant) return ordered_with_constant(comparison, a, b.constant);
  if (!alike(a, b)) return Bounds::unknown();
  const Operators words = operators(comparison);
  return {when(side(a) + words.holds + side(b), "IS TRUE"),
          when(side(a) + words.fails + side(b), "IS TRUE")};
}

std::size_t code_points(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

}  // namespace

Atom Atom::of(const RowColumn& column, const char* row) {
  return {Is::Column, {}, column.type, row + ('.' + postgres::quote_identifier(column.name))};
}

Bounds negated(Bounds bounds) {
  std::swap(bounds.fires, bounds.fails);
  return bounds;
}

Bounds is_null(const Atom& atom) {
  if (atom.is == Atom::Is::Constant) return Bounds::of(atom.constant.is_null());
  if (atom.is == Atom::Is::Unknown || atom.type == ValueType::Opaque) return Bounds::unknown();
  const bool hides_null = atom.type == ValueType::Json || atom.type == ValueType::Jsonb;
  return {hides_null ? Bound::always() : Bound::when('(' + atom.sql + " IS NULL)"),
          Bound::when('(' + atom.sql + " IS NOT NULL)")};
}

Bounds is_true(const Atom& atom) {
  if (atom.is == Atom::Is::Constant) {
    return atom.constant.is_boolean() ? Bounds::of(atom.constant.as_boolean()) : Bounds::error();
  }
  if (!atom.is_column(ValueType::Boolean)) return Bounds::unknown();
  return {when(atom.sql, "IS TRUE"), when(atom.sql, "IS FALSE")};
}

Bounds compared(Comparison comparison, const Atom& a, const Atom& b) {
  if (comparison == Comparison::Equal) return equal(a, b);
  if (comparison == Comparison::NotEqual) return negated(equal(a, b));
  return ordered(comparison, a, b);
}

Bounds equals_quoted(const Atom& atom, const std::string& quoted) {
  if (is_exact_number(atom) || is_float(atom)) {
    return is_number_literal(quoted) ? equal_to_constant(atom, json::Value::number(quoted))
                                     : Bounds::unknown();
  }
  if (atom.is_column(ValueType::Boolean)) {
    return quoted == "true" || quoted == "false"
               ? equal_to_constant(atom, json::Value::boolean(quoted == "true"))
               : Bounds::unknown();
  }
  return atom.is == Atom::Is::Column ? equal_to_constant(atom, json::Value::string(quoted))
                                     : Bounds::unknown();
}

Bounds differs(const Atom& before, const Atom& after) {
  const auto distinct = [&](const std::string& cast) {
    return when(before.sql + cast + " IS DISTINCT FROM " + after.sql + cast, "IS TRUE");
  };
  const auto same = [&](const std::string& cast) {
    return when(before.sql + cast + " IS NOT DISTINCT FROM " + after.sql + cast, "IS TRUE");
  };
  switch (after.type) {
    case ValueType::Integer:
    case ValueType::Decimal:
    case ValueType::Real:
    case ValueType::Double:
    case ValueType::Boolean:
    case ValueType::Label:
    case ValueType::Moment:
      return {distinct(""), same("")};
    case ValueType::Text:
      return {distinct(" COLLATE \"C\""), same(" COLLATE \"C\"")};
    case ValueType::Jsonb:
      // NULL and a JSON null are alike in the row, as are objects written differently.
      return {distinct(""), Bound::always()};
    case ValueType::Json:
      return {distinct("::text COLLATE \"C\""), Bound::always()};
    case ValueType::Blank:
    case ValueType::Opaque:
      break;
  }
  return Bounds::unknown();
}

Bounds text_test(condition::Function function, const Atom& text, const std::string& part) {
  const std::string whole = text_of(text);
  const std::string literal = text_literal(part);
  if (whole.empty() || literal.empty()) return Bounds::unknown();
  std::string test;
  if (function == condition::Function::Contains) {
    test = "strpos(" + whole + ", " + literal + ") > 0";
  } else if (function == condition::Function::StartsWith) {
    test = "starts_with(" + whole + ", " + literal + ')';
  } else {
    test = "right(" + whole + ", " + std::to_string(code_points(part)) + ") = " + literal;
  }
  return {when(test, "IS TRUE"), when(test, "IS FALSE")};
}

Bounds like(const Atom& text, const std::string& pattern) {
  const std::string whole = text_of(text);
  const std::string literal = text_literal(pattern);
  if (whole.empty() || literal.empty()) return Bounds::unknown();
  const std::string test = whole + " LIKE " + literal;
  return {when(test, "IS TRUE"), when(test, "IS FALSE")};
}

}  // namespace observerd::capture
