#include <locale.h>
#include <wctype.h>

#include "base/letter_case.hpp"
#include "condition/like.hpp"
#include "condition/unicode.hpp"
#include "support.hpp"

namespace observerd::condition {
namespace {

TEST(Like, MatchesAsSqlDoes) {
  const struct {
    const char* text;
    const char* pattern;
    bool matches;
  } table[] = {
      {"", "", true},
      {"", "%", true},
      {"", "_", false},
      {"a", "", false},
      {"abc", "abc", true},
      {"abc", "ABC", false},
      {"abc", "a%", true},
      {"abc", "%c", true},
      {"abc", "%b%", true},
      {"abc", "a_c", true},
      {"abc", "a_", false},
      {"abc", "___", true},
      {"abc", "____", false},
      {"abc", "%_c", true},
      {"c", "%_c", false},
      {"aab", "%ab", true},
      {"abab", "ab%ab", true},
      {"aba", "ab%ba", false},
      {"abcbc", "a%bc", true},
      {"a%c", "a\\%c", true},
      {"abc", "a\\%c", false},
      {"a_c", "a\\_c", true},
      {"a\\c", "a\\\\c", true},
      {"abc", "a\\bc", true},
      {"a\nb", "a%b", true},
      {"\xC3\xA9", "_", true},
      {"\xC3\xA9\xE2\x82\xAC", "__", true},
      {"\xC3\xA9\xE2\x82\xAC", "%_\xE2\x82\xAC", true},
      {"\xF0\x9F\x98\x80x", "%__", true},
      {"\xF0\x9F\x98\x80x", "%___", false},
      {"xay", "%%a%%", true},
      {"mississippi", "m%iss%ip_i", true},
      {"mississippi", "m%iss%is_i", false},
  };
  for (const auto& row : table) {
    const auto like = LikePattern::compile(row.pattern);
    ASSERT_TRUE(like.ok()) << row.pattern;
    EXPECT_EQ(like->matches(row.text), row.matches) << row.text << " LIKE " << row.pattern;
  }
  EXPECT_FALSE(LikePattern::compile("a\\").ok());
}

TEST(Like, ManyPercentSignsDoNotExplode) {
  std::string pattern;
  for (int i = 0; i < 500; ++i) pattern += "a%";
  const auto like = LikePattern::compile(pattern + "b");
  EXPECT_FALSE(like->matches(std::string(20'000, 'a')));
}

TEST(Unicode, CountsCodePoints) {
  EXPECT_EQ(count_code_points(""), 0U);
  EXPECT_EQ(count_code_points("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"), 4U);
}

TEST(Unicode, MapsCaseOfManyAlphabets) {
  const struct {
    const char* lower;
    const char* upper;
  } table[] = {
      {"abc xyz 09", "ABC XYZ 09"},
      {"äöüéñø", "ÄÖÜÉÑØ"},
      {"żółćěščřž", "ŻÓŁĆĚŠČŘŽ"},
      {"ÿőűș", "ŸŐŰȘ"},
      {"αβγώίύ", "ΑΒΓΏΊΎ"},
      {"жщьёїґ", "ЖЩЬЁЇҐ"},
      {"ạếữ", "ẠẾỮ"},
      {"աբև", "ԱԲև"},
      {"ａｚ", "ＡＺ"},
  };
  for (const auto& row : table) {
    EXPECT_EQ(upper_case(row.lower), row.upper);
    EXPECT_EQ(lower_case(row.upper), row.lower);
  }
  EXPECT_EQ(upper_case("straße"), "STRAßE");
  EXPECT_EQ(lower_case("STRAẞE"), "straße");
  EXPECT_EQ(upper_case("ς"), "Σ");
  EXPECT_EQ(lower_case("İI"), "ii");
  EXPECT_EQ(upper_case("日本😀"), "日本😀");
}

// The C library of Debian knows Unicode in its C.UTF-8 locale: an independent table.
TEST(Unicode, AgreesWithTheCLibraryInTheDocumentedRanges) {
  const locale_t unicode = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  if (unicode == nullptr) GTEST_SKIP() << "no locale C.UTF-8";
  const std::pair<wint_t, wint_t> ranges[] = {{0x20, 0x17F},    {0x1CD, 0x1DC},  {0x1DE, 0x1EF},
                                              {0x1F8, 0x21F},   {0x222, 0x233},  {0x386, 0x3CE},
                                              {0x400, 0x52F},   {0x531, 0x556},  {0x561, 0x586},
                                              {0x1E00, 0x1EFF}, {0xFF21, 0xFF5A}};
  const auto utf8 = [](wint_t c) {
    std::string out;
    if (c < 0x80) {
      out += static_cast<char>(c);
    } else if (c < 0x800) {
      out += static_cast<char>(0xC0 | (c >> 6));
      out += static_cast<char>(0x80 | (c & 0x3F));
    } else {
      out += static_cast<char>(0xE0 | (c >> 12));
      out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
      out += static_cast<char>(0x80 | (c & 0x3F));
    }
    return out;
  };
  for (const auto& [from, to] : ranges) {
    for (wint_t c = from; c <= to; ++c) {
      if (c == 0xB5) continue;  // the micro sign, whose upper case is Greek
      EXPECT_EQ(upper_case(utf8(c)), utf8(towupper_l(c, unicode))) << std::hex << c;
      EXPECT_EQ(lower_case(utf8(c)), utf8(towlower_l(c, unicode))) << std::hex << c;
    }
  }
  freelocale(unicode);
}

}  // namespace
}  // namespace observerd::condition
