#include "event/decimal.hpp"

#include <gtest/gtest.h>

namespace observerd {
namespace {

json::Value parsed(std::string_view text) {
  return json::parse(text, Code::BadEvent).value();
}

TEST(Decimal, ComparesExactlyAtAnySize) {
  const struct {
    const char* a;
    const char* b;
    int order;
  } table[] = {
      {"0", "-0", 0},
      {"0e5", "-0.000", 0},
      {"100", "100.00", 0},
      {"1e2", "100.00", 0},
      {"1E+2", "100", 0},
      {"0.1", "1e-1", 0},
      {"-1.5", "-15e-1", 0},
      {"0.1", "0.10000000000000000555", -1},
      {"9007199254740993", "9007199254740992", 1},
      {"123456789012345678", "123456789012345679", -1},
      {"12345678901234567890123", "12345678901234567890124", -1},
      {"-12345678901234567890123", "-12345678901234567890124", 1},
      {"999999999999999999", "1000000000000000000", -1},
      {"0.000000000000000001", "0.000000000000000002", -1},
      {"999999999999999999", "0.999999999999999999", 1},
      {"1e999999999", "1e999999998", 1},
      {"-1e999999999", "1", -1},
      {"1e-999999999", "0", 1},
      {"-1e-999999999", "0", -1},
      {"10e999999998", "1e999999999", 0},
      {"1e99999999999999999999", "0.1e100000000000000000000", 0},
      {"1e99999999999999999999", "1e100000000000000000000", -1},
      {"1e-99999999999999999999", "1e-100000000000000000000", 1},
      {"1e-100000000000000000000", "10e-100000000000000000001", 0},
      {"1e00000000000000000000002", "100", 0},
      {"1e99999999999999999", "1e100000000000000000", -1},
      {"0e99999999999999999999", "0", 0},
      {"2", "10", -1},
      {"-2", "-10", 1},
  };
  for (const auto& row : table) {
    const auto order = compare_numbers(row.a, row.b);
    EXPECT_EQ(order < 0 ? -1 : order > 0 ? 1 : 0, row.order) << row.a << " and " << row.b;
    EXPECT_EQ(compare_numbers(row.b, row.a) == 0, row.order == 0) << row.b << " and " << row.a;
    EXPECT_EQ(canonical_number(row.a) == canonical_number(row.b), row.order == 0)
        << row.a << " and " << row.b;
  }
}

TEST(Decimal, CanonicalTextIsANumberOfTheSameValue) {
  const struct {
    const char* literal;
    const char* canonical;
  } table[] = {
      {"-0.0", "0"},
      {"100.00", "100"},
      {"1e2", "100"},
      {"1.50", "1.5"},
      {"-0.00150", "-0.0015"},
      {"1e21", "1e21"},
      {"1e20", "100000000000000000000"},
      {"12345678901234567890123.50", "12345678901234567890123.5"},
      {"0.00000012", "1.2e-7"},
      {"15e99999999999999999999", "1.5e100000000000000000000"},
      {"10e-100000000000000000000", "1e-99999999999999999999"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(canonical_number(row.literal), row.canonical) << row.literal;
    EXPECT_TRUE(is_number_literal(canonical_number(row.literal)));
    EXPECT_TRUE(compare_numbers(row.literal, row.canonical) == 0) << row.literal;
  }
}

TEST(Decimal, KnowsTheNumbersOfJson) {
  for (const char* good : {"0", "-0", "10", "1.5", "-1.5e10", "1E+2", "0e-0"}) {
    EXPECT_TRUE(is_number_literal(good)) << good;
  }
  for (const char* bad :
       {"", "-", "01", "1.", ".5", "+1", "1e", "1e+", "0x1", " 1", "1 ", "NaN", "1_000"}) {
    EXPECT_FALSE(is_number_literal(bad)) << bad;
  }
}

TEST(JsonEqual, IgnoresTheOrderOfMembersAndTheSpellingOfNumbers) {
  EXPECT_TRUE(json_equal(parsed(R"({"a":1.0,"b":[1e1]})"), parsed(R"({"b":[10],"a":1})")));
  EXPECT_FALSE(json_equal(parsed("[1,2]"), parsed("[2,1]")));
  EXPECT_FALSE(json_equal(parsed("[1]"), parsed("[1,1]")));
  EXPECT_FALSE(json_equal(parsed(R"({"a":1})"), parsed(R"({"a":1,"b":null})")));
  EXPECT_FALSE(json_equal(parsed("1"), parsed("\"1\"")));
  EXPECT_FALSE(json_equal(parsed("null"), parsed("false")));
}

TEST(JsonEqual, OfARepeatedMemberTheLastCounts) {
  EXPECT_TRUE(json_equal(parsed(R"({"a":1,"a":2})"), parsed(R"({"a":2})")));
  EXPECT_FALSE(json_equal(parsed(R"({"a":1,"a":2})"), parsed(R"({"a":1})")));
}

}  // namespace
}  // namespace observerd
