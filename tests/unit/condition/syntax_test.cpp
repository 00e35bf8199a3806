#include "condition/parser.hpp"
#include "support.hpp"

namespace observerd::condition {
namespace {

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

TEST(ConditionSyntax, EveryDialectIsReadAndPrintedInOne) {
  const struct {
    const char* text;
    const char* canonical;
  } table[] = {
      {"total>100&&status=='x'", "total > 100 && status == 'x'"},
      {"total > 100 AND status = \"x\"", "total > 100 && status == 'x'"},
      {"NOT (a = 1 or B <> 2)", "!(a == 1 || B != 2)"},
      {"a and b Or c", "a && b || c"},
      {"a && (b || c)", "a && (b || c)"},
      {"a && (b && c)", "a && b && c"},
      {"(a || b) || c", "a || b || c"},
      {"!!a", "!!a"},
      {"!a == 1", "!(a == 1)"},
      {"a is null", "a == null"},
      {"a IS NOT NULL", "a != null"},
      {"a In [1,2]", "a IN (1, 2)"},
      {"a not in ('x')", "a NOT IN ('x')"},
      {"a not like 'x%' and b matches \"^y\"", "a NOT LIKE 'x%' && b MATCHES '^y'"},
      {"CHANGED_TO(status,'x')", "field_changed_to(status, 'x')"},
      {"HAS_FIELD(email)", "has_field(email)"},
      {"status_changed_to('x')", "field_changed_to(status, 'x')"},
      {"STATUS_CHANGED()", "field_changed(STATUS)"},
      {"old_changed()", "field_changed(['old'])"},
      {"field_changed('a b')", "field_changed(['a b'])"},
      {"field_changed('old.status')", "field_changed(old.status)"},
      {"is_new() || is_deleted()", "is_insert() || is_delete()"},
      {"data.status == 'x'", "status == 'x'"},
      {"['in'] == 1", "['in'] == 1"},
      {"new.in == 1", "new.in == 1"},
      {"s == 'it''s' || s == \"a\"\"b\" || s == 'a\\'b\\\\'",
       "s == 'it\\'s' || s == 'a\"b' || s == 'a\\'b\\\\'"},
      {"s == '\\u00e4\\n\\ud83d\\ude00'", "s == '\xC3\xA4\\n\xF0\x9F\x98\x80'"},
      {"TRUE or False", "true || false"},
      {"x = Null", "x == null"},
      {"x > -1.5E+10", "x > -1.5E+10"},
      {"  (\n(a)\t)\r\n", "a"},
      {"lower( upper (x) ) = 'y'", "lower(upper(x)) == 'y'"},
      {"coalesce((a > 1), (b))", "coalesce((a > 1), b)"},
      {"length", "length"},
      {"gr\xC3\xB6\xC3\x9F"
       "e == 1",
       "gr\xC3\xB6\xC3\x9F"
       "e == 1"},
  };
  for (const auto& row : table) {
    const Condition parsed = condition(row.text);
    EXPECT_EQ(parsed.to_string(), row.canonical) << row.text;
    EXPECT_EQ(parsed.source(), row.text);
    const Condition again = condition(parsed.to_string());
    EXPECT_TRUE(same_tree(parsed.root(), again.root())) << row.text;
  }
}

TEST(ConditionSyntax, ErrorsSayColumnFoundAndExpected) {
  const struct {
    const char* text;
    int column;
    const char* message;
  } table[] = {
      {"", 1, "the condition is empty"},
      {" \n", 1, "the condition is empty"},
      {"total ==", 9, "expected a value, found the end of the condition"},
      {"total == && status == 'x'", 10, "expected a value, found \"&&\""},
      {"status == 'shipped", 11, "the string is not closed"},
      {"has_field('email'", 18, "expected \",\" or \")\", found the end of the condition"},
      {"has_field('email',)", 19, "expected a value, found \")\""},
      {"(total > 1", 11, "expected \")\", found the end of the condition"},
      {"total > 1)", 10, "expected AND, OR or the end of the condition, found \")\""},
      {"total > 1 status", 11, "expected AND, OR or the end of the condition, found \"status\""},
      {"1 < total < 5", 11, "expected AND, OR or the end of the condition, found \"<\""},
      {"()", 2, "expected a value, found \")\""},
      {"a & b", 3, "\"&\" means nothing here, did you mean \"&&\"?"},
      {"a | b", 3, "did you mean \"||\"?"},
      {"a === 1", 5, "expected a value, found \"=\""},
      {"a => 1", 4, "expected a value, found \">\""},
      {"a == 01", 6, "\"01\" is not a number"},
      {"a == 1_000", 6, "\"1_000\" is not a number"},
      {"a == 1.", 6, "\"1.\" is not a number"},
      {"a == .5", 6, "a number needs a digit before the point"},
      {"a == +5", 6, "\"+\" means nothing here"},
      {"a == -", 6, "\"-\" is not a number"},
      {"a == 5x", 6, "\"5x\" is not a number"},
      {"a == '\\x'", 7, "unknown escape"},
      {"a == \xE2\x82\xAC", 9, ""},  // a field of that name: parsed; see below
      {"a == $x", 6, "\"$\" means nothing here"},
      {"feild_changed(x)", 1, "feild_changed() takes 0 arguments, found 1"},
      {"field_chnaged(x)", 1,
       "there is no function \"field_chnaged\", did you mean \"field_changed\"?"},
      {"lenght(x) == 1", 1, "did you mean \"length\"?"},
      {"frobnicate(x)", 1, "there is no function \"frobnicate\""},
      {"has_field()", 1, "has_field() takes 1 argument, found 0"},
      {"has_field(a, b)", 1, "has_field() takes 1 argument, found 2"},
      {"is_new(1)", 1, "is_new() takes 0 arguments, found 1"},
      {"coalesce() == 1", 1, "coalesce() takes at least 1 argument, found 0"},
      {"status_changed_to()", 1, "status_changed_to() takes 1 argument, found 0"},
      {"status_changed('x')", 1, "status_changed() takes 0 arguments, found 1"},
      {"has_field(1)", 11, "expected a field: a path, or a name in quotes, found \"1\""},
      {"has_field('')", 11, "the name of the field is empty"},
      {"has_field('a..b')", 11, "\"a..b\" is not a path"},
      {"field_changed(event.kind)", 15, "event.kind is no field of a row"},
      {"status.changed()", 15, "a path cannot be called"},
      {"a IN ()", 7, "expected a value, found \")\""},
      {"a IN 5", 6, "expected \"(\" or \"[\" after IN, found \"5\""},
      {"a IN (1, 2]", 11, "expected \",\" or \")\", found \"]\""},
      {"a IS 5", 6, "expected NULL or NOT NULL after IS, found \"5\""},
      {"a NOT 5", 7, "expected IN, LIKE or MATCHES after NOT, found \"5\""},
      {"a LIKE b", 8, "expected a pattern in quotes, found \"b\""},
      {"a LIKE 'x\\\\'", 8, "the pattern ends with a backslash"},
      {"a MATCHES 'x(y'", 12, "not a regular expression: missing )"},
      {"a MATCHES '[z-a]'", 13, "not a regular expression: invalid character class range"},
      {"a MATCHES 'x{1001}'", 13, "not a regular expression"},
      {"in == 1", 1, "expected a value, found \"in\""},
      {"a. == 1", 3, "expected a field name after \".\""},
      {"a[ == 1", 4, "expected a field name in quotes, or an index from 0"},
      {"event == 1", 1, "\"event\" needs a member"},
      {"event.usr == 'x'", 1, "\"event.usr\" is not known, did you mean \"user\"?"},
      {"'x'", 1, "'x' alone is neither true nor false"},
      {"status == 'a' || 'b'", 18, "'b' alone is neither true nor false"},
      {"!1", 2, "1 alone is neither true nor false"},
      {"(null) && true", 2, "null alone is neither true nor false"},
      {"\xFF", 0, "the condition is not UTF-8"},
  };
  for (const auto& row : table) {
    const auto parsed = Condition::parse(row.text);
    if (*row.message == '\0') {
      EXPECT_TRUE(parsed.ok());
      continue;
    }
    ASSERT_FALSE(parsed.ok()) << row.text;
    const Status status = parsed.status();
    EXPECT_EQ(status.code(), Code::ConditionSyntax);
    EXPECT_EQ(status.place().column, row.column) << row.text << ": " << status.to_string();
    EXPECT_NE(status.message().find(row.message), std::string::npos)
        << row.text << ": " << status.to_string();
  }
}

TEST(ConditionSyntax, ErrorsCarryLineAndCaretAndHints) {
  const auto parsed = Condition::parse("total > 100\n  && status = ");
  ASSERT_FALSE(parsed.ok());
  EXPECT_EQ(parsed.status().to_string(),
            "OB003 2:15: expected a value, found the end of the condition\n"
            "      && status = \n"
            "                  ^");
  EXPECT_NE(Condition::parse("status.changed_to('x')")
                .status()
                .to_string()
                .find("did you mean field_changed_to(status, …)?"),
            std::string::npos);
  EXPECT_NE(Condition::parse("a.b_changed()")
                .status()
                .to_string()
                .find("did you mean field_changed(a.b)?"),
            std::string::npos);
  EXPECT_NE(Condition::parse("feild_changed(x)")
                .status()
                .to_string()
                .find("did you mean \"field_changed\"?"),
            std::string::npos);
  EXPECT_NE(Condition::parse("like = 1").status().to_string().find("new.like"), std::string::npos);
}

TEST(ConditionSyntax, LimitsAreExact) {
  EXPECT_TRUE(Condition::parse("x == '" + std::string(kMaxBytes - 7, 'a') + "'").ok());
  EXPECT_EQ(Condition::parse("x == '" + std::string(kMaxBytes - 6, 'a') + "'").status().message(),
            "the condition is longer than 16384 bytes");

  EXPECT_TRUE(Condition::parse(repeated("(", 64) + "a" + repeated(")", 64)).ok());
  EXPECT_TRUE(Condition::parse(repeated("!", 64) + "a").ok());
  EXPECT_TRUE(Condition::parse(repeated("coalesce(", 64) + "a" + repeated(")", 64)).ok());
  EXPECT_EQ(Condition::parse(repeated("(", 65) + "a" + repeated(")", 65)).status().message(),
            "nested deeper than 64 levels");
  EXPECT_FALSE(Condition::parse(repeated("NOT ", 65) + "a").ok());
  EXPECT_FALSE(Condition::parse(repeated("coalesce(", 65) + "a" + repeated(")", 65)).ok());
  EXPECT_FALSE(Condition::parse(repeated("(", 16000)).ok());
  EXPECT_FALSE(Condition::parse(repeated("!", 16000)).ok());

  EXPECT_TRUE(Condition::parse("x IN (1" + repeated(",1", 255) + ")").ok());
  EXPECT_EQ(Condition::parse("x IN (1" + repeated(",1", 256) + ")").status().message(),
            "more than 256 values in one list");
  EXPECT_TRUE(Condition::parse("a" + repeated("&&a", 5000)).ok());
}

TEST(ConditionSyntax, TheDeepestConditionPrintsToOneThatIsRead) {
  const Condition deep = condition(repeated("!", 64) + "a == 1");
  EXPECT_TRUE(same_tree(condition(deep.to_string()).root(), deep.root()));
}

}  // namespace
}  // namespace observerd::condition
