#include <algorithm>

#include "fixture.hpp"

/// Slack takes one message a second in a channel.
namespace observerd::testing {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

class SlackPace : public SlackTest {
 protected:
  static Delivery to(const std::string& channel) {
    Delivery delivery;
    delivery.settings = R"({"message": "hi", "channel": ")" + channel + R"("})";
    return delivery;
  }
  static std::string templated() { return R"({"message": "hi", "channel": "{{ c }}"})"; }
  /// The times of the requests that named the channel, in order of arrival.
  std::vector<std::chrono::steady_clock::time_point> times_of(const std::string& channel) const {
    std::vector<std::chrono::steady_clock::time_point> times;
    for (const HttpRequest& request : server_.requests()) {
      if (request.body.find("\"" + channel + "\"") != std::string::npos) {
        times.push_back(request.time);
      }
    }
    return times;
  }
};

TEST_F(SlackPace, AfterABurstOneASecondAndOtherChannelsDoNotWait) {
  const auto results =
      slack().deliver_all(templated(), {to("a"), to("a"), to("a"), to("a"), to("a"), to("b")});
  for (const auto& result : results) EXPECT_EQ(summary(result), "delivered");
  const auto a = times_of("a");
  ASSERT_EQ(a.size(), 5u);
  EXPECT_GE(duration_cast<milliseconds>(a[3] - a[0]).count(), 900) << "the fourth waits";
  EXPECT_GE(duration_cast<milliseconds>(a[4] - a[0]).count(), 1'900);
  ASSERT_EQ(times_of("b").size(), 1u);
  EXPECT_LT(times_of("b")[0], a[3]);
}

TEST_F(SlackPace, WhatHasNoTurnInTimeGoesBackWithTheTimeToWait) {
  const auto action = slack().bind(templated());
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(summary(slack().deliver(templated(), to("a"))), "delivered");
  const auto late = slack().deliver(templated(), to("a"), milliseconds(200));
  EXPECT_EQ(summary(late), "throttled paced");
  EXPECT_GT(late.retry_after.count(), 200);
  EXPECT_LE(late.retry_after.count(), 1'000);
  EXPECT_EQ(server_.requests().size(), 3u);
}

TEST_F(SlackPace, AChannelThatAsksForTimeGetsIt) {
  server_.script(
      {HttpReply(429, R"({"ok": false, "error": "ratelimited"})").with("Retry-After", "2")});
  const auto first = slack().deliver(templated(), to("a"));
  EXPECT_EQ(summary(first), "throttled http_429");
  EXPECT_EQ(first.retry_after.count(), 2'000);
  EXPECT_EQ(summary(slack().deliver(templated(), to("a"), milliseconds(300))), "throttled paced");
  EXPECT_EQ(summary(slack().deliver(templated(), to("b"), milliseconds(5'000))), "delivered");
}

}  // namespace
}  // namespace observerd::testing
