#include <gtest/gtest.h>

#include "base/status.hpp"
#include "base/strings.hpp"
#include "base/uuid.hpp"

namespace observerd {
namespace {

TEST(Status, PrintsCodePlaceSentenceAndIndentedNotes) {
  Status status = Status::error(Code::Configuration, "unknown key \"x\"")
                      .at({"a.json", 3, 5, "/x"})
                      .note("one\ntwo");
  EXPECT_EQ(status.to_string(), "OB001 a.json:3:5 /x: unknown key \"x\"\n    one\n    two");
}

TEST(Status, PrintsOnlyTheParts_OfThePlaceThatAreKnown) {
  EXPECT_EQ(Status::error(Code::BadEvent, "m").to_string(), "OB020 m");
  EXPECT_EQ(Status::error(Code::BadEvent, "m").at({"", 2, 7, ""}).to_string(), "OB020 2:7: m");
  EXPECT_EQ(Status::error(Code::BadEvent, "m").at({"f", 0, 0, "/p"}).to_string(), "OB020 f /p: m");
}

TEST(Uuid, Version5MatchesThePublishedExample) {
  // RFC 4122 errata 1352 / Python documentation: uuid5(NAMESPACE_DNS, "python.org").
  const Uuid dns = *Uuid::parse("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  EXPECT_EQ(Uuid::v5(dns, "python.org").to_string(), "886313e1-3b8a-5372-9b90-0c9aee199e5d");
}

TEST(Uuid, ParseAcceptsOnlyTheCanonicalForm) {
  EXPECT_TRUE(Uuid::parse("886313E1-3b8a-5372-9b90-0c9aee199e5d"));
  for (const char* bad :
       {"", "886313e13b8a53729b900c9aee199e5d", "886313e1-3b8a-5372-9b90-0c9aee199e5",
        "886313e1-3b8a-5372-9b90-0c9aee199e5g", "886313e1_3b8a-5372-9b90-0c9aee199e5d"}) {
    EXPECT_FALSE(Uuid::parse(bad)) << bad;
  }
}

TEST(Strings, NearNamesAreSuggestedAndFarOnesAreNot) {
  EXPECT_EQ(nearest_name("webhok", {"slack", "webhook", "email"}), "webhook");
  EXPECT_EQ(nearest_name("ulr", {"headers", "url", "body"}), "url");
  EXPECT_EQ(nearest_name("x", {"n", "y"}), "");
  EXPECT_EQ(nearest_name("zzzzzz", {"slack", "webhook", "email"}), "");
}

TEST(Strings, Utf8IsCheckedStrictly) {
  EXPECT_TRUE(is_valid_utf8("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"));
  for (const char* bad : {"\x80", "\xC0\x80", "\xC3", "\xE0\x80\x80", "\xED\xA0\x80",
                          "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xE2\x82"}) {
    EXPECT_FALSE(is_valid_utf8(bad));
  }
}

TEST(Strings, TheCaretStandsUnderTheByteAlsoAfterTabsAndUmlauts) {
  EXPECT_EQ(caret_snippet("ab\ncd == x", 4), "cd == x\n ^");
  EXPECT_EQ(caret_snippet("\tx\xC3\xA9 y", 5), "\tx\xC3\xA9 y\n\t   ^");
  EXPECT_EQ(caret_snippet("", 0), "\n^");
}

TEST(Strings, LineAndColumnCountFromOne) {
  EXPECT_EQ(line_column("a\nbc", 0).column, 1);
  EXPECT_EQ(line_column("a\nbc", 3).line, 2);
  EXPECT_EQ(line_column("a\nbc", 3).column, 2);
  EXPECT_EQ(line_column("a\nbc", 99).column, 3);
}

}  // namespace
}  // namespace observerd
