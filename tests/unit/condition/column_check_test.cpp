#include "condition/column_check.hpp"

#include "support.hpp"

namespace observerd::condition {
namespace {

const std::vector<Column>& columns() {
  static const std::vector<Column> table = {
      {"id", "bigint"},
      {"total", "numeric(10,2)"},
      {"status", "character varying(20)"},
      {"paid", "boolean"},
      {"customer", "jsonb"},
      {"tags", "text[]"},
      {"mood", "mood_enum"},
      {"at", "timestamp with time zone"},
  };
  return table;
}

std::string findings(std::string_view text) {
  const Diagnostics found = check_columns(condition(text), columns());
  std::string out;
  for (const Status& error : found.errors()) out += "E " + error.message() + "\n";
  for (const Status& warning : found.warnings()) out += "W " + warning.message() + "\n";
  return out;
}

TEST(ColumnCheck, PathsThatAreNeverThere) {
  const struct {
    const char* path;
    const char* why;
  } cases[] = {
      {"total", ""},
      {"old.total", ""},
      {"new", ""},
      {"event.id", ""},
      {"customer.tier[0]", ""},
      {"tags[2]", ""},
      {"totl", "there is no column \"totl\", did you mean \"total\"?"},
      {"old.totl", "there is no column \"totl\", did you mean \"total\"?"},
      {"total.cents", "total.cents is never there: the column \"total\" is numeric(10,2)"},
      {"tags.first", "tags.first is never there: the column \"tags\" is text[]"},
  };
  for (const auto& one : cases) {
    const Result<FieldPath> path = parse_path(one.path, Code::Template);
    ASSERT_TRUE(path.ok()) << one.path;
    EXPECT_EQ(why_never_there(*path, columns()), one.why) << one.path;
  }
}

TEST(ColumnCheck, WhatCanHoldPasses) {
  for (const char* text : {
           "total > 100 && status == 'x' && paid",
           "status_changed_to('x') || total_changed_to('100') || paid_changed_from('true')",
           "customer.tier == 'gold' && customer.n > 1 && customer == null",
           "tags[0] == 'a' && contains(tags, 'a') && length(tags) > 1",
           "mood == 'happy' || mood == 1",
           "at > '2026-01-01' && lower(status) LIKE 'x%'",
           "total IS NULL || total IN (1, 2, null)",
           "coalesce(total, 0) > 1 && coalesce(total, 'x') == 'x'",
           "event.kind == 'insert' && event.id == '1'",
           "has_field(customer.ghost) && old.total < new.total",
           "abs(total) > 5 && status != null",
       }) {
    EXPECT_EQ(findings(text), "") << text;
  }
}

TEST(ColumnCheck, UnknownColumnsAreErrorsWithANearName) {
  EXPECT_EQ(findings("totl > 1"), "E there is no column \"totl\", did you mean \"total\"?\n");
  EXPECT_EQ(findings("old.ghost.x == 1"), "E there is no column \"ghost\"\n");
  EXPECT_EQ(findings("has_field('stauts')"),
            "E there is no column \"stauts\", did you mean \"status\"?\n");
  EXPECT_EQ(findings("pad_changed()"), "E there is no column \"pad\", did you mean \"paid\"?\n");
  EXPECT_EQ(findings("lower(ghost) == 'x' || coalesce(shade, 1) == 1"),
            "E there is no column \"ghost\"\nE there is no column \"shade\"\n");
}

TEST(ColumnCheck, ComparisonsThatCanNeverBeTrueAreErrors) {
  const struct {
    const char* text;
    const char* finding;
  } table[] = {
      {"status == 5", "E status == 5 can never be true: a text never equals a number\n"},
      {"total == '100'", "E total == '100' can never be true: a number never equals a text\n"},
      {"paid == 'true'", "E paid == 'true' can never be true: a boolean never equals a text\n"},
      {"total > '5'",
       "E total > '5' can never be true: there is no order between a number and a text\n"},
      {"paid > false", "E paid > false can never be true: a boolean has no order\n"},
      {"total != 'x'", "W total != 'x' is always true: a number never equals a text\n"},
      {"total == status", "E total == status can never be true: a number never equals a text\n"},
      {"status", "E status can never be true: it is a text\n"},
      {"paid && length(status)", "E length(status) can never be true: it is a number\n"},
      {"total LIKE '1%'", "E total LIKE '1%' can never be true: total is a number\n"},
      {"starts_with(paid, 'x')", "E starts_with(paid, 'x') can never be true: paid is a boolean\n"},
      {"abs(status) == 1", "E abs(status) can never be true: status is a text\n"},
      {"total IN (1, 'x')",
       "E the value 'x' of the list can never be the one: a number never equals a text\n"},
      {"status.x == 1",
       "E status.x is never there: the column \"status\" is character "
       "varying(20)\n"},
      {"total_changed_to('x')",
       "E field_changed_to(total, 'x') can never be true: a number never equals the text 'x'\n"},
      {"status_changed_to(1)",
       "E field_changed_to(status, 1) can never be true: a text never equals a number\n"},
      {"event.kind == 'inserted'",
       "E event.kind == 'inserted' can never be true: \"inserted\" is no kind of event, did you "
       "mean \"insert\"?\n"},
      {"!(status == 5)", "E status == 5 can never be true: a text never equals a number\n"},
      {"(status == 5) == paid", "E status == 5 can never be true: a text never equals a number\n"},
  };
  for (const auto& row : table) EXPECT_EQ(findings(row.text), row.finding) << row.text;
}

TEST(ColumnCheck, FindingsHaveThePlaceInTheCondition) {
  const Diagnostics found = check_columns(condition("paid &&\n totl > 1"), columns());
  ASSERT_EQ(found.errors().size(), 1U);
  EXPECT_EQ(found.errors()[0].place().line, 2);
  EXPECT_EQ(found.errors()[0].place().column, 2);
}

TEST(ColumnCheck, ColumnsNamedLikeWordsAreWarnedOf) {
  const Diagnostics found =
      check_columns(Condition::always(), {{"data", "text"}, {"event", "text"}, {"x", "text"}});
  EXPECT_TRUE(found.ok());
  ASSERT_EQ(found.warnings().size(), 2U);
  EXPECT_NE(found.warnings()[0].to_string().find("new.data"), std::string::npos);
}

}  // namespace
}  // namespace observerd::condition
