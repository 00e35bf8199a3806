#pragma once

#include <random>
#include <string>
#include <vector>

namespace observerd::testing {

/// Random conditions and rows that have to do with each other: a table with a column of nearly
/// every type, values at the edges of those types, and conditions that mention both.
class PushdownGenerator {
 public:
  explicit PushdownGenerator(unsigned seed) : random_(seed) {}

  static constexpr const char* kTable =
      "CREATE TABLE t (id int PRIMARY KEY, small smallint, big bigint, price numeric, ratio float8,"
      " rough float4, paid boolean, status text, code varchar(10), fixed char(5), tag uuid,"
      " feeling mood, at timestamptz, day date, doc jsonb, raw json, span interval, list int[],"
      " money_in shop_money, pair shop_pair, \"Odd \"\"name\" text)";
  static constexpr const char* kTypes =
      "CREATE TYPE mood AS ENUM ('sad', 'happy', 'paid');"
      " CREATE DOMAIN shop_money AS numeric CHECK (value > -1000);"
      " CREATE TYPE shop_pair AS (a int, b text)";

  /// VALUES of one row, without the parentheses.
  std::string row(int id) {
    std::string out = std::to_string(id);
    for (const Column& column : columns()) {
      out += ", ";
      out += chance(5) ? "NULL" : one_of(column.values);
    }
    return out;
  }

  std::string condition(int depth = 2) {
    if (depth == 0 || chance(2)) return predicate();
    switch (below(5)) {
      case 0:
        return "!(" + condition(depth - 1) + ')';
      case 1:
        return '(' + condition(depth - 1) + ") || (" + condition(depth - 1) + ')';
      default:
        return '(' + condition(depth - 1) + ") && (" + condition(depth - 1) + ')';
    }
  }

 private:
  struct Column {
    std::string path;
    std::vector<std::string> values;    ///< SQL
    std::vector<std::string> literals;  ///< of the condition language
  };

  static const std::vector<Column>& columns() {
    static const std::vector<std::string> integers = {"0", "1", "-1", "5", "100"};
    static const std::vector<std::string> texts = {
        "'paid'", "'Paid'", "''", "'a'", "'a '", "'100'", "'päd'", "'z\xf0\x9f\x98\x80'"};
    static const std::vector<std::string> numbers = {
        "0",  "1",    "5",     "100",   "100.00", "1e2",      "0.1",
        "-1", "5.05", "1e400", "'NaN'", "'5'",    "16777217", "0.30000000000000004"};
    static const std::vector<Column> all = {
        {"small", integers, numbers},
        {"big",
         {"0", "5", "9007199254740993", "9223372036854775807"},
         {"0", "5", "9007199254740993", "9007199254740992", "9223372036854775808", "5.5"}},
        {"price",
         {"0", "0.10", "100.00", "100", "'NaN'", "'Infinity'", "'-Infinity'", "5.05",
          "12345678901234567890.5"},
         numbers},
        {"ratio",
         {"0", "0.1", "0.1::float8 + 0.2::float8", "'NaN'", "'-Infinity'", "100", "'-0'"},
         numbers},
        {"rough", {"0", "0.1", "16777216", "'NaN'", "100", "5.05"}, numbers},
        {"paid", {"true", "false"}, {"true", "false", "'true'"}},
        {"status", texts, texts},
        {"code", texts, texts},
        {"fixed", {"'a'", "'paid'", "''", "'a b'"}, {"'a'", "'a    '", "'paid '", "''"}},
        {"tag",
         {"'00000000-0000-0000-0000-00000000000a'", "'00000000-0000-0000-0000-0000000000ff'"},
         {"'00000000-0000-0000-0000-00000000000a'", "'00000000-0000-0000-0000-00000000000A'"}},
        {"feeling", {"'sad'", "'happy'", "'paid'"}, {"'sad'", "'paid'", "'gone'"}},
        {"at", {"'2026-01-02 03:04:05+02'", "'infinity'"}, {"'2026-01-02T01:04:05+00:00'"}},
        {"day", {"'2026-01-02'", "'2025-12-31'"}, {"'2026-01-02'", "'2026-01-01'"}},
        {"doc",
         {"'null'", "'{\"a\": 1}'", "'{\"a\": 1.0}'", "'5'", "'\"paid\"'"},
         {"5", "'paid'", "null"}},
        {"raw", {"'null'", "'{\"a\":1}'", "'{\"a\": 1}'", "'5'"}, {"5", "'paid'", "null"}},
        {"span", {"'1 day'", "'24 hours'"}, {"'1 day'", "'24:00:00'"}},
        {"list", {"'{1,2}'", "'{}'"}, {"1", "null"}},
        {"money_in", {"5", "100.00"}, numbers},
        {"pair", {"'(,)'", "'(1,x)'"}, {"null", "5"}},
        {"[\"Odd \\\"name\"]", texts, texts}};
    return all;
  }

  std::size_t below(std::size_t count) {
    return std::uniform_int_distribution<std::size_t>(0, count - 1)(random_);
  }
  bool chance(std::size_t one_in) { return below(one_in) == 0; }
  const std::string& one_of(const std::vector<std::string>& from) {
    return from[below(from.size())];
  }
  const Column& column() { return columns()[below(columns().size())]; }

  std::string path(const Column& column) {
    if (column.path[0] == '[') return (chance(3) ? "old" : "new") + column.path;
    return (chance(6) ? "old." : chance(6) ? "new." : "") + column.path;
  }
  std::string literal(const Column& column) {
    if (chance(12)) return "null";
    return one_of(chance(8) ? this->column().literals : column.literals);
  }
  std::string comparison() { return one_of({"==", "==", "!=", "<", "<=", ">", ">="}); }

  std::string predicate() {
    const Column& c = column();
    switch (below(16)) {
      case 0:
        return path(c) + " IS NULL";
      case 1:
        return path(c) + ' ' + comparison() + ' ' + path(column());
      case 2:
      case 3: {
        std::string list = path(c) + (chance(3) ? " NOT IN (" : " IN (") + literal(c);
        for (std::size_t i = below(3); i > 0; --i) list += ", " + literal(c);
        return list + ')';
      }
      case 4:
        return path(c) + (chance(3) ? " NOT LIKE " : " LIKE ") +
               one_of({"'%a%'", "'p_id'", "'p__d%'", "'100\\\\%'", "''", "'_'", "'z_'"});
      case 5:
        return one_of({"contains(", "starts_with(", "ends_with("}) + path(c) + ", " +
               one_of({"'a'", "''", "'id'", "'pä'", "' '"}) + ')';
      case 6:
        return "changed(" + c.path + ')';
      case 7:
        return (chance(3) ? "changed_from(" : "changed_to(") + c.path + ", " + literal(c) + ')';
      case 8:
        return one_of({"is_insert()", "is_update()", "is_delete()", "is_custom()", "paid",
                       "event.kind == 'update'", "event.type == 'T.insert'", "old.paid"});
      case 9:
        return "coalesce(" + path(c) + ", " + literal(c) + ") " + comparison() + ' ' + literal(c);
      case 10:
        return one_of({"has_field(" + path(c) + ')', "length(" + path(c) + ") > 1", "ghost == 1",
                       "lower(" + path(c) + ") == 'paid'", path(c) + " MATCHES 'a'",
                       "(" + path(c) + " == null) == true"});
      default:
        return chance(4) ? literal(c) + ' ' + comparison() + ' ' + path(c)
                         : path(c) + ' ' + comparison() + ' ' + literal(c);
    }
  }

  std::mt19937 random_;
};

}  // namespace observerd::testing
