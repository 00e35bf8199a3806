#include "common/retry_after.hpp"

#include <gtest/gtest.h>

namespace observerd::common {
namespace {

using std::chrono::seconds;

// 2026-03-01 12:00:00 UTC
const WallTime kNow = WallTime(seconds(1772366400));

struct Case {
  const char* text;
  std::optional<Milliseconds> wait;
};

TEST(RetryAfter, ReadsSecondsAndEachFormOfDate) {
  const Case cases[] = {
      {"120", seconds(120)},
      {"0", seconds(0)},
      {"  7 ", seconds(7)},
      {"1.5", seconds(2)},  // rounded up
      {"3.000", seconds(3)},
      {"Sun, 01 Mar 2026 12:01:00 GMT", seconds(60)},
      {"Sunday, 01-Mar-26 12:02:00 GMT", seconds(120)},
      {"Sun Mar  1 12:03:00 2026", seconds(180)},
      {"Tue Mar 10 12:00:00 2026", seconds(9 * 86400)},
      {"Sun, 01 Mar 2026 12:00:60 GMT", seconds(60)},  // leap second
  };
  for (const auto& c : cases) EXPECT_EQ(parse_retry_after(c.text, kNow), c.wait) << c.text;
}

TEST(RetryAfter, IgnoresGarbageNegativesAndThePast) {
  for (const char* text : {"",
                           " ",
                           "-5",
                           "+5",
                           "soon",
                           "5s",
                           "5 6",
                           "1.",
                           ".5",
                           "1.x",
                           "1e3",
                           "0x10",
                           "NaN",
                           "Sun, 01 Mar 2026 12:00:00 GMT",
                           "Sun, 01 Mar 2020 12:00:00 GMT",
                           "Sun, 01 Mar 2027 12:00:00 PST",
                           "Sun, 1 Mar 2027 12:00:00 GMT",
                           "Sun, 31 Feb 2027 12:00:00 GMT",
                           "Sun, 01 Mar 2027 24:00:00 GMT",
                           "sun, 01 mar 2027 12:00:00 gmt",
                           "2027-03-01T12:00:00Z",
                           "Sun, 01 Mar 2027 12:00:00 GMT, 5"}) {
    EXPECT_EQ(parse_retry_after(text, kNow), std::nullopt) << text;
  }
}

TEST(RetryAfter, HugeNumbersBecomeAYear) {
  const Milliseconds year = std::chrono::hours(365 * 24);
  EXPECT_EQ(parse_retry_after("99999999999999999999999999", kNow), year);
  EXPECT_EQ(parse_retry_after("Fri, 31 Dec 9999 23:59:59 GMT", kNow), year);
}

TEST(HttpDate, TwoDigitYearsFarAheadAreThePast) {
  const auto past = parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", kNow);
  EXPECT_EQ(past, WallTime(seconds(784111777)));  // the example of RFC 9110
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT", kNow), past);
  EXPECT_EQ(parse_http_date("Sun Nov  6 08:49:37 1994", kNow), past);
  const auto ahead = parse_http_date("Sunday, 06-Nov-70 08:49:37 GMT", kNow);
  ASSERT_TRUE(ahead);
  EXPECT_GT(*ahead, kNow);
}

}  // namespace
}  // namespace observerd::common
