#include <gmock/gmock.h>

#include "integration/delivery/host.hpp"
#include "store/dead_letters.hpp"
#include "store/replay.hpp"

/// What `unavailable_limit` counts: from the first UNAVAILABLE, up to an answer.
namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;

class Unavailable : public ::testing::Test {
 protected:
  void start(Milliseconds limit = std::chrono::hours(24)) {
    host_.start([limit](Observers& all) {
      all.add("one", {{"act", "x", [limit](PreparedAction& action) {
                         action.delivery.unavailable_limit = limit;
                         action.delivery.retry.initial_delay = Milliseconds(3'600'000);
                         action.delivery.retry.max_delay = Milliseconds(3'600'000);
                       }}});
    });
  }
  /// What is scheduled has been there for 25 hours more.
  void age() {
    host_.sql(
        "UPDATE observer.retries SET first_at = first_at - interval '25 hours',"
        " unavailable_since = unavailable_since - interval '25 hours'");
  }
  /// Another try of it, which must come to `outcome`, and what the schedule is then.
  std::string after_try(Outcome outcome) {
    host_.module().answer(outcome);
    const std::size_t before = host_.module().count();
    host_.dispatcher().resume_lane("x");
    host_.sql("UPDATE observer.retries SET due_at = now() WHERE state = 'due'");
    EXPECT_TRUE(host_.module().wait_for(before + 1));
    EXPECT_TRUE(host_.wait_until_settled());
    return host_.schedule();
  }
  /// "t" or "f": of the only row, whether it has a time there.
  std::string has(const std::string& column) {
    return host_.scalar("SELECT " + column + " IS NOT NULL FROM observer.retries");
  }
  std::string letters() {
    return host_.scalar(
        "SELECT coalesce(string_agg(error || ' ' || status, ', '), '')"
        " FROM observer.observer_dlq_items");
  }
  /// An event whose delivery is a dead letter.
  void bury() {
    host_.module().answer(Outcome::Rejected);
    host_.emit({"a"});
    ASSERT_TRUE(eventually([&] { return letters() == "OB007 pending"; }));
    ASSERT_TRUE(host_.wait_until_settled());
  }
  void redrive() {
    auto connection = testing::connect(host_.url());
    const Uuid id = *Uuid::parse(host_.scalar("SELECT id FROM observer.observer_dlq_items"));
    const auto changes = store::DeadLetters(*connection).retry({id});
    ASSERT_TRUE(changes.ok() && changes->front().done);
  }

  Host host_;
};

TEST_F(Unavailable, ARedriveHasAsMuchTimeAsANewDelivery) {
  start();
  bury();
  host_.module().answer(Outcome::Unavailable);
  redrive();
  ASSERT_TRUE(host_.module().wait_for(2));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.schedule(), "due  1");
  EXPECT_EQ(letters(), "OB007 retrying");
  EXPECT_EQ(has("first_at"), "t");
  age();
  EXPECT_EQ(after_try(Outcome::Unavailable), "");
  EXPECT_EQ(letters(), "OB013 retry_failed");
}

TEST_F(Unavailable, AReplayHasAsMuchTimeAsANewDelivery) {
  start();
  host_.emit({"a"});
  ASSERT_TRUE(host_.module().wait_for(1));
  ASSERT_TRUE(host_.wait_until_settled());
  host_.module().answer(Outcome::Unavailable);
  auto connection = testing::connect(host_.url());
  store::Replay replay;
  replay.delivery_id = Uuid::random();
  replay.event_id = *Uuid::parse(host_.scalar("SELECT id FROM observer.observer_events"));
  replay.entity = "Order";
  replay.key = "a";
  replay.observer = "one";
  replay.action = "act";
  replay.action_type = "fake";
  const auto scheduled = store::schedule_replays(*connection, {replay});
  ASSERT_TRUE(scheduled.ok()) << scheduled.status().to_string();
  ASSERT_TRUE(host_.module().wait_for(2));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.schedule(), "due  1");
  EXPECT_EQ(letters(), "");
}

TEST_F(Unavailable, WhatIsCalledBackWhenTheHostStopsStaysScheduled) {
  start(Milliseconds(0));
  bury();
  host_.module().hold_all();
  redrive();
  ASSERT_TRUE(host_.module().wait_for_held(1));
  host_.module().answer(Outcome::Cancelled);
  host_.stop();
  EXPECT_EQ(host_.schedule(), "due  1");
  EXPECT_EQ(letters(), "OB007 retrying");
}

TEST_F(Unavailable, WhatWasHeldForLongerThanTheLimitIsTriedLikeAnyOther) {
  start();
  host_.dispatcher().set_pauses({{"one", "", ""}});
  host_.emit({"a", "a"});
  ASSERT_TRUE(host_.wait_until_settled());
  const std::string held = "behind an earlier delivery of the entity is parked 1, held paused 1";
  ASSERT_EQ(host_.schedule(), held);
  EXPECT_EQ(host_.scalar("SELECT count(first_at) FROM observer.retries"), "0") << "not tried yet";
  age();
  host_.module().answer(Outcome::Unavailable);
  host_.dispatcher().set_pauses({});
  ASSERT_TRUE(host_.module().wait_for(1));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.schedule(), "behind an earlier delivery of the entity is parked 1, due  1");
  EXPECT_EQ(letters(), "");
}

TEST_F(Unavailable, TheLimitEndsItUnlessAnAnswerCameBetween) {
  start();
  host_.module().answer(Outcome::Unavailable);
  host_.emit({"a"});
  ASSERT_TRUE(host_.module().wait_for(1));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(has("unavailable_since"), "t");
  age();
  EXPECT_EQ(after_try(Outcome::Retry), "due  1");
  EXPECT_EQ(has("unavailable_since"), "f");
  age();
  EXPECT_EQ(after_try(Outcome::Unavailable), "due  1") << "counted anew";
  age();
  EXPECT_EQ(after_try(Outcome::Cancelled), "due  1");
  EXPECT_EQ(has("unavailable_since"), "t") << "nobody answered";
  EXPECT_EQ(after_try(Outcome::Unavailable), "");
  EXPECT_EQ(letters(), "OB013 pending");
}

TEST_F(Unavailable, ThePauseOfAnActionIsNoTimeOfUnavailability) {
  start();
  host_.module().answer(Outcome::Unavailable);
  host_.emit({"a"});
  ASSERT_TRUE(host_.module().wait_for(1));
  ASSERT_TRUE(host_.wait_until_settled());
  host_.dispatcher().set_pauses({{"one", "", ""}});
  host_.dispatcher().resume_lane("x");
  host_.sql("UPDATE observer.retries SET due_at = now()");
  ASSERT_TRUE(eventually([&] { return host_.schedule() == "held paused 1"; }));
  age();
  host_.dispatcher().set_pauses({});
  ASSERT_TRUE(host_.module().wait_for(2));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.schedule(), "due  1");
  EXPECT_EQ(letters(), "");
}

}  // namespace
}  // namespace observerd::delivery::tests
