#include "base/json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace observerd::json {
namespace {

Value parsed(std::string_view text, const ParseOptions& options = {}) {
  Result<Value> value = parse(text, Code::BadEvent, options);
  EXPECT_TRUE(value.ok()) << value.status().to_string();
  return value.ok() ? *value : Value();
}

TEST(Json, NumbersKeepEveryDigit) {
  const char* text = R"([9007199254740993,100.00,1e400,-0.10,123456789012345678901234567890])";
  EXPECT_EQ(write(parsed(text)), text);
}

TEST(Json, NumbersBeyondDoubleAreReadAnywhere) {
  const std::string big(400, '7');
  const std::string text =
      "{\"a\":\"" + big + "\\\"1e999\",\"b\":[" + big + ",-1e999,1e-9999],\"c\":1}";
  const Value value = parsed(text);
  EXPECT_EQ(write(value), text);
  EXPECT_EQ(value.find("c")->origin().offset, text.size() - 2);
  for (const char* bad : {"[1e999", "[01e999]", "[1e999.5]", "[-]", "[1.e999]"}) {
    EXPECT_FALSE(parse(bad, Code::BadEvent).ok()) << bad;
  }
}

TEST(Json, NestedContainersAndEscapesSurviveARoundTrip) {
  const char* text = R"({"a":[{"b":[]},{}],"c":"é\n\"\\","d":null,"e":[true,false]})";
  EXPECT_EQ(write(parsed(text)), text);
}

TEST(Json, TheLastOfTwoMembersWinsUnlessDuplicatesAreRejected) {
  EXPECT_EQ(parsed(R"({"a":1,"a":2})").find("a")->text(), "2");
  ParseOptions strict;
  strict.reject_duplicates = true;
  const auto result = parse("{\"a\":1,\n \"a\":2}", Code::Configuration, strict);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().place().line, 2);
  EXPECT_EQ(result.status().place().column, 2);
}

TEST(Json, CommentsAndTrailingCommasOnlyWhereAllowed) {
  const char* text = "{ // c\n \"a\": [1, /* x */ 2,], }";
  ParseOptions lenient;
  lenient.comments = true;
  EXPECT_EQ(write(parsed(text, lenient)), R"({"a":[1,2]})");
  EXPECT_FALSE(parse(text, Code::BadEvent).ok());
}

TEST(Json, ErrorsNameLineColumnAndShowACaret) {
  const auto result = parse("{\n  \"a\": nul\n}", Code::Configuration);
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), Code::Configuration);
  EXPECT_EQ(result.status().place().line, 2);
  EXPECT_NE(result.status().to_string().find("\"a\": nul"), std::string::npos);
}

TEST(Json, MalformedTextIsRefused) {
  const char* texts[] = {"",        "{",        "[1,]", "{\"a\":}", "1 2",  "{'a':1}",
                         "\"\\x\"", "\"\xff\"", "01",   "nan",      "[1e]", "\"\t\""};
  for (const char* text : texts) EXPECT_FALSE(parse(text, Code::BadEvent).ok()) << text;
}

TEST(Json, HalfOfASurrogatePairIsNoCharacter) {
  EXPECT_EQ(parsed(R"("\ud83d\ude00")").text(), "\xF0\x9F\x98\x80");
  for (const char* bad :
       {R"(["\udc00"])", R"(["\ud800"])", R"(["\ud800\u0041"])", R"({"\udfff":1})"}) {
    const auto refused = parse(bad, Code::BadEvent);
    ASSERT_FALSE(refused.ok()) << bad;
    EXPECT_NE(refused.status().to_string().find(": not valid JSON"), std::string::npos)
        << refused.status().to_string();
  }
}

TEST(Json, AZeroByteIsNotTheEnd) {
  using std::string_literals::operator""s;
  for (const std::string& text : {"{}\0"s, "{} \0{"s, "[1]\0 // x"s, "\0"s, "{\0}"s}) {
    EXPECT_FALSE(parse(text, Code::BadEvent).ok());
    EXPECT_FALSE(parse(text, Code::BadEvent, {.comments = true}).ok());
  }
}

TEST(Json, DepthIsLimited) {
  EXPECT_TRUE(parse(std::string(200, '[') + std::string(200, ']'), Code::BadEvent).ok());
  EXPECT_FALSE(parse(std::string(201, '[') + std::string(201, ']'), Code::BadEvent).ok());
  EXPECT_FALSE(parse(std::string(1'000'000, '['), Code::BadEvent).ok());
}

TEST(Json, OriginsPointAtTheValue) {
  const std::string text = R"({"a": 12, "b": "x\"y", "c": [true, null], "d": {"e": -1.5}})";
  const Value value = parsed(text);
  EXPECT_EQ(value.find("a")->origin().offset, text.find("12"));
  EXPECT_EQ(value.find("b")->origin().offset, text.find("\"x"));
  EXPECT_EQ(value.find("c")->origin().offset, text.find('['));
  EXPECT_EQ(value.find("c")->items()[1].origin().offset, text.find("null"));
  EXPECT_EQ(at_pointer(value, "/d/e")->origin().offset, text.find("-1.5"));
}

TEST(Json, PointersEscapeAndResolve) {
  EXPECT_EQ(join_pointer("/x", "a/b~c"), "/x/a~1b~0c");
  const Value value = parsed(R"({"a/b~c": [10, 20]})");
  ASSERT_NE(at_pointer(value, "/a~1b~0c/1"), nullptr);
  EXPECT_EQ(at_pointer(value, "/a~1b~0c/1")->text(), "20");
  EXPECT_EQ(at_pointer(value, "/a~1b~0c/2"), nullptr);
  EXPECT_EQ(at_pointer(value, "/missing"), nullptr);
}

}  // namespace
}  // namespace observerd::json
