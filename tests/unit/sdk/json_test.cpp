#include <gtest/gtest.h>

#include <clocale>
#include <observerd/plugin.hpp>
#include <string>

namespace observerd::sdk {
namespace {

/// What is wrong with a text; "" when nothing is.
std::string problem_of(std::string_view text) {
  std::string problem;
  return Json::parse(text, &problem) ? "" : problem;
}

Json parsed(std::string_view text) {
  const auto value = Json::parse(text);
  if (!value) ADD_FAILURE() << text << ": " << problem_of(text);
  return value.value_or(Json());
}

TEST(SdkJson, ReadsEveryKindOfValue) {
  const Json json = parsed(R"( {"a": null, "b": true, "c": false, "d": -12.5e+1, "e": "x",
                               "f": [1, [], {}], "g": {"h": 2}} )");
  EXPECT_TRUE(json.find("a")->is_null());
  EXPECT_EQ(json.find("b")->boolean(), true);
  EXPECT_EQ(json.find("c")->boolean(), false);
  EXPECT_EQ(json.find("d")->number(), -125.0);
  EXPECT_EQ(json.find("d")->text(), "-12.5e+1");
  EXPECT_EQ(json.string_or("e", "y"), "x");
  EXPECT_EQ(json.string_or("d", "y"), "y");
  ASSERT_EQ(json.find("f")->items().size(), 3u);
  EXPECT_TRUE(json.find("f")->items()[1].is_array());
  EXPECT_EQ(json.find("g")->find("h")->integer(), 2);
  EXPECT_EQ(json.find("h"), nullptr);
  EXPECT_EQ(json.members().front().first, "a");
}

TEST(SdkJson, FindsTheLastOfSeveralMembersOfOneName) {
  const Json json = parsed(R"({"a": 1, "a": 2})");
  EXPECT_EQ(json.find("a")->integer(), 2);
  EXPECT_EQ(json.members().size(), 2u);
}

TEST(SdkJson, DecodesEscapesToUtf8) {
  EXPECT_EQ(parsed(R"("\"\\\/\b\f\n\r\t")").text(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(parsed(R"("\u0041\u00e9\u20AC\uD83D\uDE00")").text(), "Aé€😀");
  EXPECT_EQ(parsed(R"("\u0000")").text(), std::string(1, '\0'));
}

TEST(SdkJson, SaysWhatIsWrongAndWhere) {
  struct Case {
    const char* text;
    const char* problem;
  };
  for (const auto& [text, problem] : {
           Case{"", "not a JSON value at byte 0"},
           Case{"nul", "not a JSON value at byte 0"},
           Case{"{} x", "more text after the value at byte 3"},
           Case{"[1 2]", "an array does not end at byte 3"},
           Case{"[1,]", "not a JSON value at byte 3"},
           Case{R"({"a" 1})", "no colon after a member name at byte 5"},
           Case{R"({"a": 1,})", "no member name at byte 8"},
           Case{"{a: 1}", "no member name at byte 1"},
           Case{"\"ab", "a string does not end at byte 3"},
           Case{"\"\\", "a string does not end at byte 2"},
           Case{"\"\\x\"", "an unknown escape at byte 3"},
           Case{"\"\n\"", "a control character in a string at byte 2"},
           Case{R"("\u12g4")", "not four hexadecimal digits after \\u at byte 5"},
           Case{R"("\ud800x")", "half a surrogate pair at byte 7"},
           Case{R"("\udc00")", "half a surrogate pair at byte 7"},
           Case{"01", "more text after the value at byte 1"},
           Case{"1.", "not a JSON value at byte 2"},
           Case{"1e", "not a JSON value at byte 2"},
           Case{"-", "not a JSON value at byte 1"},
           Case{"+1", "not a JSON value at byte 0"},
       }) {
    EXPECT_EQ(problem_of(text), problem) << text;
  }
}

TEST(SdkJson, IsBoundedInDepth) {
  EXPECT_EQ(problem_of(std::string(200, '[') + std::string(200, ']')), "");
  const std::size_t deep = 1'000'000;
  EXPECT_EQ(problem_of(std::string(deep, '[')), "nested too deeply at byte 201");
}

TEST(SdkJson, KnowsWholeNumbersFromOthers) {
  EXPECT_EQ(parsed("9223372036854775807").integer(), INT64_MAX);
  EXPECT_EQ(parsed("-9223372036854775808").integer(), INT64_MIN);
  EXPECT_EQ(parsed("2e3").integer(), 2000);
  EXPECT_EQ(parsed("2.0").integer(), 2);
  for (const char* text : {"9223372036854775808", "1.5", "1e400", "\"1\"", "null"}) {
    EXPECT_EQ(parsed(text).integer(), std::nullopt) << text;
  }
  EXPECT_EQ(parsed("1e400").number(), std::nullopt);
  EXPECT_EQ(parsed("true").number(), std::nullopt);
  EXPECT_EQ(parsed("1").boolean(), std::nullopt);
}

TEST(SdkJson, QuotesWhatItReads) {
  for (const std::string text : {"", "plain", "\"\\/", "\x01\x1f\n\t", "Aé€😀"}) {
    EXPECT_EQ(parsed(json_quoted(text)).text(), text);
  }
  EXPECT_EQ(json_quoted("a\nb\"c\\"), R"("a\u000ab\"c\\")");
}

}  // namespace
}  // namespace observerd::sdk
