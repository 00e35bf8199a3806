#include "answer.hpp"

#include <gtest/gtest.h>

#include "address.hpp"

namespace {

TEST(Answer, OkIsDeliveredWithTheReceiversId) {
  EXPECT_EQ(to_result("ok 17").outcome, OBSERVERD_DELIVERED);
  EXPECT_EQ(to_result("ok 17").remote_id, "17");
  EXPECT_EQ(to_result("ok").outcome, OBSERVERD_DELIVERED);
}

TEST(Answer, NoIsRejectedWithTheReason) {
  EXPECT_EQ(to_result("no such table").outcome, OBSERVERD_REJECTED);
  EXPECT_EQ(to_result("no such table").message, "such table");
}

TEST(Answer, WaitIsThrottled) {
  EXPECT_EQ(to_result("wait 5").outcome, OBSERVERD_THROTTLED);
  EXPECT_EQ(to_result("wait 5").retry_after, std::chrono::seconds(5));
}

TEST(Answer, AnythingElseIsRetried) {
  for (const char* answer : {"", "okay", "wait", "wait a bit", "wait -1", "HTTP/1.1 200 OK"}) {
    EXPECT_EQ(to_result(answer).outcome, OBSERVERD_RETRY) << answer;
  }
}

TEST(Address, TakesNumbersOnly) {
  EXPECT_TRUE(parse_address("127.0.0.1:7000"));
  EXPECT_TRUE(parse_address("[::1]:7000"));
  for (const char* text : {"", ":", "127.0.0.1", "127.0.0.1:0", "127.0.0.1:65536", "::1:7000",
                           "localhost:7000", "127.0.0.1:7000 "}) {
    EXPECT_FALSE(parse_address(text)) << text;
  }
}

}  // namespace
