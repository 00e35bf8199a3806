#include "event/path.hpp"

#include <gtest/gtest.h>

namespace observerd {
namespace {

TEST(Path, ReadsEveryFormAndPrintsItCanonically) {
  const struct {
    const char* text;
    const char* canonical;
  } table[] = {
      {"status", "status"},
      {"new.total", "new.total"},
      {"old['a.b'].c[0]", "old['a.b'].c[0]"},
      {"data.status", "status"},
      {"data", "data"},
      {"data[\"status\"]", "status"},
      {"new", "new"},
      {"NEW.total", "new.total"},
      {"OLD", "['OLD']"},
      {"Data.x", "Data.x"},
      {"Event", "Event"},
      {"event.kind", "event.kind"},
      {"[ \"old\" ]", "['old']"},
      {"new.old", "new.old"},
      {"[\"like\"].in", "['like'].in"},
      {"data.new", "['new']"},
      {"['it''s']", "['it\\'s']"},
      {"stra\xC3\x9F"
       "e",
       "stra\xC3\x9F"
       "e"},
      {"a[\"\"]", "a['']"},
      {"data[0]", "data[0]"},
  };
  for (const auto& row : table) {
    const auto path = parse_path(row.text, Code::ConditionSyntax);
    ASSERT_TRUE(path.ok()) << row.text << ": " << path.status().to_string();
    const std::string printed = path->to_string();
    EXPECT_EQ(printed, row.canonical);
    const auto again = parse_path(printed, Code::ConditionSyntax);
    ASSERT_TRUE(again.ok()) << printed;
    EXPECT_EQ(*again, *path) << printed;
  }
}

TEST(Path, ErrorsNameColumnAndExpectation) {
  const struct {
    const char* text;
    int column;
    const char* message;
  } table[] = {
      {"", 1, "expected a field name"},
      {"a.", 3, "expected a field name after \".\""},
      {"a..b", 3, "expected a field name after \".\""},
      {"a[", 3, "expected a field name in quotes, or an index from 0"},
      {"a[-1]", 3, "expected a field name in quotes, or an index from 0"},
      {"a[1", 4, "expected \"]\""},
      {"[0]", 2, "expected a field name in quotes after \"[\""},
      {"a['x", 3, "the string is not closed"},
      {"a[99999999999]", 3, "the index is too large"},
      {"a b", 2, "expected the end of the path"},
      {"event", 1, "\"event\" needs a member"},
      {"event.kin", 1, "did you mean \"kind\"?"},
      {"event.kind.x", 1, "is a text and has no members"},
      {"a['\\x']", 4, "unknown escape"},
      {"a['\\ud800']", 4, "half of a surrogate pair"},
      {"1a", 1, "expected a field name"},
  };
  for (const auto& row : table) {
    const auto path = parse_path(row.text, Code::Template);
    ASSERT_FALSE(path.ok()) << row.text;
    EXPECT_EQ(path.status().code(), Code::Template);
    EXPECT_EQ(path.status().place().column, row.column) << row.text;
    EXPECT_NE(path.status().message().find(row.message), std::string::npos)
        << path.status().to_string();
  }
}

TEST(Path, QuotedStringsRoundTrip) {
  for (const std::string& text :
       {std::string(), std::string("it's \"x\" \\"), std::string("a\nb\tc\rd\x01\x7f"),
        std::string("\0z", 2), std::string("\xF0\x9F\x98\x80")}) {
    const std::string quoted = quote_string(text);
    std::size_t at = 0;
    const auto again = scan_string(quoted, at, Code::ConditionSyntax);
    ASSERT_TRUE(again.ok()) << quoted;
    EXPECT_EQ(*again, text);
    EXPECT_EQ(at, quoted.size());
  }
  std::size_t at = 0;
  EXPECT_EQ(*scan_string(R"("\ud83d\ude00")", at, Code::ConditionSyntax), "\xF0\x9F\x98\x80");
}

TEST(Path, ResolvesRowsAndTheEventsOwnMembers) {
  const Event event = *parse_event(
      R"({"kind":"update","entity":"Order","id":7,"new":{"a":{"b":[1,null]},"old":"x"},"old":{"a":2}})");
  json::Value scratch;
  const auto text = [&](std::string_view path) -> std::string {
    const json::Value* value = resolve(event, *parse_path(path, Code::ConditionSyntax), scratch);
    return value == nullptr ? "missing" : json::write(*value);
  };
  EXPECT_EQ(text("a.b[0]"), "1");
  EXPECT_EQ(text("a.b[1]"), "null");
  EXPECT_EQ(text("a.b[2]"), "missing");
  EXPECT_EQ(text("a.b.c"), "missing");
  EXPECT_EQ(text("a[0]"), "missing");
  EXPECT_EQ(text("old.a"), "2");
  EXPECT_EQ(text("['old']"), "\"x\"");
  EXPECT_EQ(text("old"), R"({"a":2})");
  EXPECT_EQ(text("event.id"), "\"7\"");
  EXPECT_EQ(text("event.kind"), "\"update\"");
  EXPECT_EQ(text("event.user"), "null");
  EXPECT_EQ(text("event.event_id"), '"' + event.id.to_string() + '"');
}

}  // namespace
}  // namespace observerd
