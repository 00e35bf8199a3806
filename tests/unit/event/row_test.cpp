#include "event/row.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

namespace observerd {
namespace {

/// What the nodes say, written as JSON again.
std::string rebuilt(const Row& row, std::size_t index = 0) {
  const RowNode& node = row.nodes()[index];
  const std::string_view value = row.text().substr(node.value, node.value_size);
  if (node.type == json::Type::String) return '"' + std::string(value) + '"';
  if (node.type != json::Type::Array && node.type != json::Type::Object) return std::string(value);
  const bool object = node.type == json::Type::Object;
  std::string out(1, object ? '{' : '[');
  for (std::size_t at = index + 1; at < node.end; at = row.nodes()[at].end) {
    const RowNode& child = row.nodes()[at];
    if (out.size() > 1) out += ',';
    if (object) {
      out += '"' + std::string(row.text().substr(child.key, child.key_size)) + "\":";
    }
    out += rebuilt(row, at);
  }
  return out + (object ? '}' : ']');
}

/// A row takes a text exactly when the one JSON reader does, and means the same.
void expect_the_same(const std::string& text) {
  const auto values = json::parse(text, Code::BadEvent);
  const auto row = Row::parse(text, Code::BadEvent);
  ASSERT_EQ(row.ok(), values.ok()) << text;
  if (!row.ok()) {
    EXPECT_EQ(row.status().to_string(), values.status().to_string());
    return;
  }
  EXPECT_EQ(json::write(**row), json::write(*values));
  const auto again = json::parse(rebuilt(*row), Code::BadEvent);
  ASSERT_TRUE(again.ok()) << text;
  EXPECT_EQ(json::write(*again), json::write(*values)) << text;
}

TEST(Row, TakesWhatJsonIsAndNothingElse) {
  const char* const texts[] = {
      "{}", "[]", "null", "true", "false", "0", "-0", "-1.5e+10", "1E9", "\"\"",
      " { \"a\" : [ 1 , 2 ] } \n", "{\"a\":{\"b\":{}},\"a\":2}", "1e400", "0e888e8", "1e400e8",
      "1e400.5", "123456789012345678901234567890.5",
      "\"\\u00e4\\ud83d\\ude00\\n\\\"\\\\\\/\\b\\f\\r\\t\"", "\"\\udc00\"", "\"ä€😀\"",
      "\"more than sixteen bytes of text \\\" with a quote\"", "{\"k\\u0065y\":1}",
      // and what it is not
      "", " ", "{", "}", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:2}",
      "01", "-", "1.", ".5", "1e", "1e+", "+1", "0x1", "tru", "nul", "falsey", "TRUE", "NaN", "\"",
      "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
      "\"\\ud800x\"", "\"a\nb\"", "\"a\x1f\"", "1 2", "{} {}", "[1 2]", "'a'", "// x\n1",
      "\"\xff\"", "\"\xc3\"", "\"\xed\xa0\x80\"", "\xef\xbb\xbf{}"};
  for (const char* text : texts) expect_the_same(text);
}

TEST(Row, IsBoundInDepthAndNotUsedBehindItsEnd) {
  const auto nested = [](int depth) {
    return std::string(static_cast<std::size_t>(depth), '[') +
           std::string(static_cast<std::size_t>(depth), ']');
  };
  expect_the_same(nested(Row::kMaxDepth));
  expect_the_same(nested(Row::kMaxDepth + 1));
  expect_the_same(nested(100'000));
  const std::string text = R"({"a":12345})";
  EXPECT_FALSE(Row::parse(std::string_view(text).substr(0, text.size() - 1), Code::BadEvent).ok());
  EXPECT_FALSE(Row::parse(std::string("{}\0{}", 5), Code::BadEvent).ok());
}

TEST(Row, DamagedTextsAreFoundAsTheJsonReaderFindsThem) {
  const std::string whole =
      R"({"id":17,"total":-12.50e3,"n":"it\u0073 \"x\" ä","m":{"a":[1,true,null,{}],"b":[]},"z":false})";
  const std::string pieces = "{}[]\",:\\u0 e.-1tfn\xc3";
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string text = whole;
    for (int edits = static_cast<int>(random() % 3) + 1; edits > 0; --edits) {
      const std::size_t at = random() % text.size();
      switch (random() % 3) {
        case 0:
          text[at] = pieces[random() % pieces.size()];
          break;
        case 1:
          text.erase(at, 1);
          break;
        default:
          text.insert(at, 1, pieces[random() % pieces.size()]);
      }
    }
    expect_the_same(text);
    if (HasFatalFailure()) return;
  }
}

TEST(Row, StringsAreUnescapedAsTheJsonReaderDoes) {
  for (const char* raw : {"", "plain", R"(a\"b\\c\/d)", R"(\b\f\n\r\t)", R"(\u0041\u00e4\u20ac)",
                          R"(\ud83d\ude00!)", R"(\u0000)"}) {
    EXPECT_EQ(unescape_json(raw), json::parse('"' + std::string(raw) + '"', Code::BadEvent)->text())
        << raw;
  }
}

TEST(Row, CopiesShareTheValuesAndThreadsMayAskAtOnce) {
  const Row row = *Row::parse(R"({"a":[1,2,3]})", Code::BadEvent);
  std::vector<const json::Value*> seen(4);
  std::vector<std::thread> threads;
  for (auto& slot : seen) {
    threads.emplace_back([copy = row, &slot] { slot = copy->find("a"); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const json::Value* value : seen) EXPECT_EQ(value, row->find("a"));
  Row absent;
  EXPECT_FALSE(absent.has_value());
  absent = json::Value::object({{"x", json::Value::integer(1)}});
  ASSERT_TRUE(absent.has_value());
  EXPECT_EQ(absent.text(), R"({"x":1})");
  EXPECT_EQ(absent.nodes().size(), 2U);
  absent.reset();
  EXPECT_FALSE(absent);
}

}  // namespace
}  // namespace observerd
