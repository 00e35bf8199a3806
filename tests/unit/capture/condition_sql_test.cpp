#include "capture/condition_sql.hpp"

#include <gtest/gtest.h>

#include "capture/pushdown.hpp"
#include "condition/condition.hpp"

namespace observerd::capture {
namespace {

const std::vector<RowColumn>& columns() {
  static const std::vector<RowColumn> all = {
      {"n", ValueType::Integer},       {"price", ValueType::Decimal}, {"ratio", ValueType::Double},
      {"paid", ValueType::Boolean},    {"status", ValueType::Text},   {"feeling", ValueType::Label},
      {"fixed", ValueType::Blank},     {"at", ValueType::Moment},     {"doc", ValueType::Jsonb},
      {"odd \"name", ValueType::Text}, {"span", ValueType::Opaque}};
  return all;
}

std::string sql(const std::string& text, EventKind kind = EventKind::Insert) {
  const auto condition = condition::Condition::parse(text);
  EXPECT_TRUE(condition.ok()) << condition.status().to_string();
  return condition_sql(condition->root(), {kind, "Order", &columns()}).sql();
}

TEST(ConditionSql, SaysTheSameInSql) {
  struct Case {
    const char* condition;
    const char* sql;
  };
  const Case cases[] = {
      {"n == 5", R"(((NEW."n" = '5'::int8) IS TRUE))"},
      {"n == 5.5", R"(((NEW."n" = '5.5'::numeric) IS TRUE))"},
      {"5 < n", R"(((NEW."n" > '5'::int8) IS TRUE))"},
      {"!(n > 5)", R"(((NEW."n" <= '5'::int8) IS TRUE))"},
      {"n != 5", R"(((NEW."n" = '5'::int8) IS NOT TRUE))"},
      {"price >= 0.10", R"(((NEW."price" >= '0.10'::numeric) IS TRUE))"},
      {"n < price", R"(((NEW."n" < NEW."price") IS TRUE))"},
      {"paid", R"(((NEW."paid") IS TRUE))"},
      {"!paid", R"(((NEW."paid") IS FALSE))"},
      {"paid != true", R"(((NEW."paid") IS NOT TRUE))"},
      {"n IS NULL", R"((NEW."n" IS NULL))"},
      {"status == 'it''s'", R"(((NEW."status" COLLATE "C" = 'it''s'::text) IS TRUE))"},
      {"status == 'a\\\\b'", R"(((NEW."status" COLLATE "C" = E'a\\b'::text) IS TRUE))"},
      {"feeling == 'sad'", R"(((NEW."feeling"::text COLLATE "C" = 'sad'::text) IS TRUE))"},
      {"status LIKE 'a%'", R"(((NEW."status" COLLATE "C" LIKE 'a%'::text) IS TRUE))"},
      {"ends_with(status, 'é')", R"(((right(NEW."status" COLLATE "C", 1) = 'é'::text) IS TRUE))"},
      {"new[\"odd \\\"name\"] == 'x'", R"(((NEW."odd ""name" COLLATE "C" = 'x'::text) IS TRUE))"},
      {"coalesce(n, 0) > 5", R"(((NEW."n" IS NOT NULL) AND ((NEW."n" > '5'::int8) IS TRUE)))"},
      {"n IN (1, 2)", R"((((NEW."n" = '1'::int8) IS TRUE) OR ((NEW."n" = '2'::int8) IS TRUE)))"}};
  for (const Case& c : cases) EXPECT_EQ(sql(c.condition), c.sql) << c.condition;
}

TEST(ConditionSql, WhatSqlCannotSayAlikeIsLetThrough) {
  for (const char* text :
       {"length(status) > 1", "lower(status) == 'a'", "status MATCHES 'a'", "doc.a == 1",
        "doc == null", "ghost == 1", "at < '2026-01-01'", "span == '1 day'", "fixed != 'a'",
        "ratio != 0.1", "n == 'five'", "price == 'NaN'", "event.user == 'x'", "n == 1e400",
        "status == '\\u0000'", "has_field(n)", "!has_field(ghost)", "(n == 1) == true"}) {
    EXPECT_EQ(sql(text), "true") << text;
  }
}

TEST(ConditionSql, FloatsAreComparedWithTheirNeighbours) {
  EXPECT_EQ(sql("ratio > 0.1"), R"(((NEW."ratio" >= '0.1'::float8) IS TRUE))");
  EXPECT_EQ(sql("!(ratio > 0.1)"), R"(((NEW."ratio" <= '0.1'::float8) IS TRUE))");
  EXPECT_EQ(sql("ratio == 0.1"), R"(((NEW."ratio" = '0.1'::float8) IS TRUE))");
}

TEST(ConditionSql, KindOfTheChangeDecidesWhatItCan) {
  EXPECT_EQ(sql("is_update() && n > 1", EventKind::Insert), "false");
  EXPECT_EQ(sql("event.kind == 'delete'", EventKind::Delete), "true");
  EXPECT_EQ(sql("event.type == 'Order.insert'", EventKind::Update), "false");
  EXPECT_EQ(sql("old.n > 1", EventKind::Insert), "false");
  EXPECT_EQ(sql("new.n > 1", EventKind::Delete), "false");
  EXPECT_EQ(sql("n > 1", EventKind::Delete), R"(((OLD."n" > '1'::int8) IS TRUE))");
  EXPECT_EQ(sql("coalesce(old.n, 7) == 7", EventKind::Insert), "true");
  EXPECT_EQ(sql("changed(n)", EventKind::Insert), "false");
  EXPECT_EQ(sql("is_custom()", EventKind::Update), "false");
}

TEST(ConditionSql, ChangesCompareTheTwoRows) {
  EXPECT_EQ(sql("changed(n)", EventKind::Update),
            R"(((OLD."n" IS DISTINCT FROM NEW."n") IS TRUE))");
  EXPECT_EQ(
      sql("!changed(status)", EventKind::Update),
      R"(((OLD."status" COLLATE "C" IS NOT DISTINCT FROM NEW."status" COLLATE "C") IS TRUE))");
  EXPECT_EQ(
      sql("changed_to(n, '5')", EventKind::Update),
      R"((((OLD."n" IS DISTINCT FROM NEW."n") IS TRUE) AND ((NEW."n" = '5'::int8) IS TRUE)))");
  EXPECT_EQ(sql("changed_from(paid, 'true')", EventKind::Update),
            R"((((OLD."paid" IS DISTINCT FROM NEW."paid") IS TRUE) AND ((OLD."paid") IS TRUE)))");
  EXPECT_EQ(sql("changed(fixed)", EventKind::Update), "true");
  EXPECT_EQ(sql("changed(span)", EventKind::Update), "true");
}

TEST(ConditionSql, PartsThatAreUnknownWidenOnlyTheirPart) {
  EXPECT_EQ(sql("length(status) > 1 && n > 1"), R"(((NEW."n" > '1'::int8) IS TRUE))");
  EXPECT_EQ(sql("length(status) > 1 || n > 1"), "true");
  EXPECT_EQ(sql("!(length(status) > 1 || n > 1)"), R"(((NEW."n" <= '1'::int8) IS TRUE))");
}

Interest interest(const std::string& name, const std::string& when) {
  return {name, "Order", {}, *condition::Condition::parse(when), true};
}

TEST(Pushdown, EqualConditionsAreWrittenOnce) {
  const Pushdown pushed =
      pushdown("Order", columns(), {interest("a", "n > 1"), interest("b", "1 < n")});
  EXPECT_EQ(pushed.shares.size(), 6U);
  EXPECT_EQ(pushed.filter(EventKind::Insert).sql(), R"(((NEW."n" > '1'::int8) IS TRUE))");
}

TEST(Pushdown, TooManyConditionsAreNotPushed) {
  std::vector<Interest> observers;
  for (int i = 0; i < 65; ++i) {
    observers.push_back(interest("o" + std::to_string(i), "n == " + std::to_string(i)));
  }
  EXPECT_EQ(pushdown("Order", columns(), observers).why_not,
            "its observers have too many conditions");
  observers.pop_back();
  EXPECT_TRUE(pushdown("Order", columns(), observers).pushed);
}

}  // namespace
}  // namespace observerd::capture
