#include <gtest/gtest.h>

#include <clocale>

#include "render_with.hpp"
#include "templates/rounding.hpp"

namespace observerd::templates {
namespace {

/// One value under the name `v`, one tag, what comes out.
struct Case {
  const char* value;
  const char* filters;
  const char* expected;
};

void expect_all(std::initializer_list<Case> cases) {
  for (const Case& one : cases) {
    EXPECT_EQ(render_with(std::string("{\"v\":") + one.value + "}",
                          std::string("{{ v | ") + one.filters + " }}"),
              one.expected)
        << one.value << " | " << one.filters;
  }
}

/// The first line of the error only.
std::string error_of(const char* value, const std::string& filters) {
  const std::string text =
      render_with(std::string("{\"v\":") + value + "}", "{{ v | " + filters + " }}");
  return text.substr(0, text.find('\n'));
}

TEST(TemplateFilters, NumberRoundsTheDigitsHalfAwayFromZero) {
  expect_all({
      {"2.675", "number: 2", "2.68"},  // 2.67 in binary floating point
      {"1.005", "number: 2", "1.01"},
      {"-1.005", "number: 2", "-1.01"},
      {"0.5", "number: 0", "1"},
      {"-0.5", "number: 0", "-1"},
      {"1.5", "number: 0", "2"},
      {"2.5", "number: 0", "3"},
      {"0.4999999999999999999999", "number: 0", "0"},
      {"999.995", "number: 2", "1000.00"},
      {"9.99", "number: 1", "10.0"},
      {"100", "number: 2", "100.00"},
      {"0", "number: 2", "0.00"},
      {"-0", "number: 2", "0.00"},
      {"-0.001", "number: 2", "0.00"},
      {"0.005", "number: 2", "0.01"},
      {"0.0049", "number: 2", "0.00"},
      {"0.05", "number: 0", "0"},
      {"1e2", "number: 1", "100.0"},
      {"1.25E-1", "number: 2", "0.13"},
      {"12345e-4", "number: 3", "1.235"},
      {"1e-999999999999999999999", "number: 2", "0.00"},
      {"0e999999999", "number: 2", "0.00"},
      {"0.00000", "number: 3", "0.000"},
      {"9007199254740993", "number: 0", "9007199254740993"},
      {"123456789012345678901234567890.125", "number: 2", "123456789012345678901234567890.13"},
      {"\"19.999\"", "number: 2", "20.00"},
  });
}

TEST(TemplateFilters, NumberRefusesWhatIsNone) {
  EXPECT_EQ(error_of("\"x1\"", "number: 2"),
            "OB008 1:1: v: the filter \"number\" takes a number, not \"x1\"");
  EXPECT_EQ(error_of("\"\"", "number: 2"),
            "OB008 1:1: v: the filter \"number\" takes a number, not \"\"");
  EXPECT_EQ(error_of("true", "number: 2"),
            "OB008 1:1: v: the filter \"number\" takes a number, not a boolean");
  EXPECT_EQ(error_of("1e999999999", "number: 2"),
            "OB008 1:1: v: the filter \"number\" cannot write out a number of that size");
}

TEST(TemplateFilters, RoundingCarriesThroughEveryLength) {
  for (std::size_t length = 1; length < 40; ++length) {
    const std::string nines(length, '9');
    EXPECT_EQ(round_decimal("0." + nines, length - 1),
              "1" + (length > 1 ? "." + std::string(length - 1, '0') : ""));
    EXPECT_EQ(round_decimal(nines + ".5", 0), "1" + std::string(length, '0'));
  }
}

TEST(TemplateFilters, DefaultReplacesWhatIsMissingOrNull) {
  EXPECT_EQ(render_with("{}", "{{ v | default: 'n/a' }}"), "n/a");
  EXPECT_EQ(render_with("{}", "{{ a.b[3].c | upper | default: \"n/a\" }}"), "n/a");
  EXPECT_EQ(render_with("{}", "{{ v | default: 'abc' | upper }}"), "ABC");
  expect_all({{"null", "default: 'none'", "none"},
              {"\"\"", "default: 'none'", ""},
              {"false", "default: 'none'", "false"},
              {"0", "default: 7", "0"},
              {"null", "default: 1.50", "1.50"},
              {"null", "default: true", "true"},
              {"null", "default: null", ""},
              {"null", "default: null | default: 'x'", "x"},
              {"[]", "first | default: 'empty'", "empty"}});
}

TEST(TemplateFilters, CaseIsUnicodesAndNoLocales) {
  expect_all({{"\"straße\"", "upper", "STRAßE"},
              {"\"Ärger ÉTÉ\"", "lower", "ärger été"},
              {"\"žluťoučký\"", "upper", "ŽLUŤOUČKÝ"},
              {"\"ΑΘΗΝΑ\"", "lower", "αθηνα"},
              {"\"москва\"", "upper", "МОСКВА"},
              {"\"ÿ\"", "upper", "Ÿ"},
              {"\"\\u212A\"", "lower", "k"},
              {"\"\u0130ẞ\"", "lower", "iß"},
              {"\"\u1F80ŉΐ\"", "upper", "\u1F88ŉΐ"},
              {"\"\\ud801\\udc28\"", "upper", "\xF0\x90\x90\x80"},
              {"\"i\"", "upper", "I"},
              {"\"日本 €\"", "upper", "日本 €"},
              {"true", "upper", "TRUE"},
              {"1e5", "upper", "1E5"}});
}

TEST(TemplateFilters, TextFilters) {
  expect_all({{"\" \\t a b\\n\"", "trim", "a b"},
              {"\"äöü€😀x\"", "truncate: 5", "äöü€😀"},
              {"\"abc\"", "truncate: 0", ""},
              {"\"abc\"", "truncate: 80", "abc"},
              {"12345", "truncate: 2", "12"},
              {"\"a b/c?d=é&~\"", "urlencode", "a%20b%2Fc%3Fd%3D%C3%A9%26~"},
              {"\" Ab \"", "trim | upper | truncate: 1", "A"},
              {"null", "upper", ""}});
  EXPECT_EQ(error_of("{\"a\":1}", "upper"),
            "OB008 1:1: v: the filter \"upper\" takes text, not an object");
}

TEST(TemplateFilters, ListsAndLengths) {
  expect_all(
      {{"[1,\"b\",null,true,[2],{\"x\":1.0}]", "join: \"; \"", "1; b; ; true; [2]; {\"x\":1.0}"},
       {"[]", "join: \",\"", ""},
       {"[\"a\",\"b\"]", "first", "a"},
       {"[\"a\",\"b\"]", "last", "b"},
       {"[]", "last", ""},
       {"[[1,2],[3]]", "first | last", "2"},
       {"\"äöü😀\"", "length", "4"},
       {"[1,2,3]", "length", "3"},
       {"{\"a\":1,\"b\":2}", "length", "2"},
       {"\"\"", "length", "0"}});
  EXPECT_EQ(error_of("\"abc\"", "first"),
            "OB008 1:1: v: the filter \"first\" takes a list, not a string");
  EXPECT_EQ(
      error_of("5", "length"),
      "OB008 1:1: v: the filter \"length\" takes a string, a list or an object, not a number");
}

TEST(TemplateFilters, JsonWritesAnyValue) {
  expect_all({{"\"a\\\"b\"", "json", "\"a\\\"b\""},
              {"null", "json", "null"},
              {"100.00", "json", "100.00"},
              {"{\"b\":[1,\"x\"],\"a\":null}", "json", "{\"b\":[1,\"x\"],\"a\":null}"}});
}

TEST(TemplateFilters, DateReadsWhatPostgresAndRfc3339Write) {
  constexpr const char* kAll = "date: '%Y-%m-%d %H:%M:%S.%f'";
  expect_all({
      {"\"2026-01-31T12:00:00.123456Z\"", kAll, "2026-01-31 12:00:00.123456"},
      {"\"2026-01-31T12:00:00.123456\"", kAll, "2026-01-31 12:00:00.123456"},
      {"\"2026-01-31 12:00:00+00\"", kAll, "2026-01-31 12:00:00.000000"},
      {"\"2026-01-31T00:30:00+02:00\"", kAll, "2026-01-30 22:30:00.000000"},
      {"\"2026-12-31T23:00:00-0130\"", kAll, "2027-01-01 00:30:00.000000"},
      {"\"1890-01-01T00:00:00+00:53:28\"", kAll, "1889-12-31 23:06:32.000000"},
      {"\"2024-02-29\"", kAll, "2024-02-29 00:00:00.000000"},
      {"\"2026-01-31t12:00z\"", kAll, "2026-01-31 12:00:00.000000"},
      {"\"2016-12-31T23:59:60Z\"", kAll, "2017-01-01 00:00:00.000000"},
      {"\"2026-01-31T12:00:00.1Z\"", kAll, "2026-01-31 12:00:00.100000"},
      {"\"2026-01-31T12:00:00.123456789Z\"", kAll, "2026-01-31 12:00:00.123456"},
      {"\"0001-01-01\"", kAll, "0001-01-01 00:00:00.000000"},
      {"\"9999-12-31T23:59:59Z\"", kAll, "9999-12-31 23:59:59.000000"},
      {"null", kAll, ""},
  });
  for (const char* bad :
       {"", "infinity", "2026-02-30", "2026-13-01", "2026-01-31T24:00:00", "2026-01-31T12:60:00Z",
        "2026-1-31", "2026-01-31Tnoon", "2026-01-31T12:00:00Zx", "2026-01-31T12:00:00.Z",
        "0044-03-15 BC", "2026-01-31T12:00:00+2", "20260131"}) {
    EXPECT_NE(error_of(("\"" + std::string(bad) + "\"").c_str(), "date: '%F'")
                  .find("not \"" + std::string(bad) + "\""),
              std::string::npos)
        << bad;
  }
  EXPECT_EQ(error_of("1700000000", "date: '%F'"),
            "OB008 1:1: v: the filter \"date\" takes a timestamp, not a number");
}

TEST(TemplateFilters, DateKnowsTheseConversions) {
  expect_all({
      {"\"2026-01-05T15:04:05Z\"", "date: '%a %A %b %B %e %-'",
       "OB008 1:14: the filter \"date\" does not know \"%-\"\n    {{ v | date: '%a %A %b %B %e %-' "
       "}}\n                 ^"},
      {"\"2026-01-05T15:04:05Z\"", "date: '%a %A %b %B|%e|%j|%y'",
       "Mon Monday Jan January| 5|005|26"},
      {"\"2026-01-05T15:04:05Z\"", "date: '%I:%M %p %F %T %R'",
       "03:04 PM 2026-01-05 15:04:05 15:04"},
      {"\"2026-01-05T00:04:05Z\"", "date: '%I %p'", "12 AM"},
      {"\"2026-01-05T12:04:05Z\"", "date: '%I %p'", "12 PM"},
      {"\"2026-01-04\"", "date: '%u %w'", "7 0"},
      {"\"2027-01-01\"", "date: '%G-W%V'", "2026-W53"},
      {"\"2024-12-30\"", "date: '%G-W%V'", "2025-W01"},
      {"\"2024-12-31\"", "date: '%j'", "366"},
      {"\"1969-12-31T23:59:59.5Z\"", "date: '%s'", "-1"},
      {"\"2026-01-05\"", "date: '%z %Z 100%% %n%t.'", "+0000 UTC 100% \n\t."},
      {"\"2026-01-05\"", "date: ''", ""},
  });
}

TEST(TemplateFilters, DateNamesAreEnglishInEveryLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C.UTF-8"}) {
    if (std::setlocale(LC_ALL, name) == nullptr) continue;
    EXPECT_EQ(render_with(R"({"v":"2026-05-04"})", "{{ v | date: '%A %B' }}"), "Monday May");
  }
  std::setlocale(LC_ALL, before.c_str());
}

TEST(TemplateFilters, ArgumentsAreCheckedWhenTheTemplateIsRead) {
  const struct {
    const char* filters;
    const char* problem;
  } cases[] = {
      {"number", "needs a whole number from 0 to 100, as in number: 2"},
      {"number: -1", "needs a whole number from 0 to 100, as in number: 2"},
      {"number: 1.5", "needs a whole number from 0 to 100, as in number: 2"},
      {"number: '2'", "needs a whole number from 0 to 100, as in number: 2"},
      {"number: 101", "needs a whole number from 0 to 100, as in number: 2"},
      {"truncate: 99999999999999999999", "needs a whole number from 0 to 10000000"},
      {"upper: 1", "the filter \"upper\" takes no argument"},
      {"join", "needs a quoted string"},
      {"join: 1", "needs a quoted string"},
      {"default", "needs a value, as in default: \"none\""},
      {"date", "needs a quoted format"},
      {"date: '100%'", "does not know \"%\""},
      {"join: x", "expected a quoted string or a number, found \"x\""},
      {"default: 01", "expected a quoted string or a number, found \"01\""},
      {"default:", "expected an argument: a quoted string or a number"},
      {"join: '\\x'", "unknown escape"},
      {"uper", "there is no filter \"uper\", did you mean \"upper\"?"},
      {"frobnicate", "there is no filter \"frobnicate\""},
      {"upper lower", "expected \"|\" or the end of the tag, found \"l\""},
      {"upper(1)", "expected \"|\" or the end of the tag, found \"(\""},
      {"| upper", "expected the name of a filter, found \"|\""},
      {"upper |", "expected the name of a filter, found the end of the tag"},
  };
  for (const auto& one : cases) {
    const std::string error = render_with("{}", std::string("{{ v | ") + one.filters + " }}");
    EXPECT_NE(error.find(one.problem), std::string::npos) << one.filters << "\n" << error;
    EXPECT_EQ(error.rfind("OB008 1:", 0), 0U) << error;
  }
}

TEST(TemplateFilters, ArgumentsAreLiteralsOfTheConditionLanguage) {
  const struct {
    const char* literal;
    const char* expected;
  } cases[] = {
      {R"("a\"b")", "a\"b"},     {R"('it''s')", "it's"},      {R"("}}")", "}}"},
      {R"("|")", "|"},           {R"("\u20ac")", "€"},        {R"("\ud83d\ude00")", "😀"},
      {R"("\\\n\t")", "\\\n\t"}, {R"("{{ v }}")", "{{ v }}"}, {"TRUE", "true"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(render_with("{}", std::string("{{v|default:") + one.literal + "}}"), one.expected);
  }
}

}  // namespace
}  // namespace observerd::templates
