#include <gmock/gmock.h>

#include "integration/delivery/host.hpp"
#include "store/dead_letters.hpp"

/// What comes after an action of a sequence, however the one before ended.
namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const auto strict = [](PreparedObserver& observer) {
  observer.sequence = config::Sequence::Strict;
};

class Sequence : public ::testing::Test {
 protected:
  void start(bool is_strict, const std::function<void(PreparedAction&)>& change = {}) {
    observers_ = [is_strict, change](Observers& all) {
      all.add(
          "chain",
          {{"first", "first", change}, {"second", "second", change}, {"third", "third", change}},
          is_strict ? strict : std::function<void(PreparedObserver&)>());
    };
    host_.start(observers_);
  }
  void answer(const std::string& lane, Outcome outcome) {
    host_.module().answer([=](const plugin::Item& item) {
      return FakeModule::result(item.action->lane_key() == lane ? outcome : Outcome::Delivered);
    });
  }

  Host host_;
  std::function<void(Observers&)> observers_;
};

TEST_F(Sequence, APlainOneGoesOnAfterAPausedAction) {
  start(false);
  host_.dispatcher().set_pauses({{"chain", "second", ""}});
  host_.emit({"a"});
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_THAT(host_.numbers("chain/first"), ElementsAre("1"));
  EXPECT_THAT(host_.numbers("chain/second"), IsEmpty());
  EXPECT_THAT(host_.numbers("chain/third"), ElementsAre("1"));
  host_.dispatcher().set_pauses({});
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
  EXPECT_THAT(host_.numbers("chain/second"), ElementsAre("1"));
}

TEST_F(Sequence, AStrictOneWaitsAtAPausedActionAndGoesOnFromThere) {
  start(true);
  host_.dispatcher().set_pauses({{"chain", "second", ""}});
  host_.emit({"a", "a"});
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_THAT(host_.numbers("chain/first"), ElementsAre("1"));
  EXPECT_THAT(host_.numbers("chain/third"), IsEmpty());
  host_.restart(observers_);
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); })) << host_.schedule();
  EXPECT_THAT(host_.numbers("chain/first"), ElementsAre("1", "2"));
  EXPECT_THAT(host_.numbers("chain/second"), ElementsAre("1", "2"));
  EXPECT_THAT(host_.numbers("chain/third"), ElementsAre("1", "2"));
}

TEST_F(Sequence, AFailureForGoodSkipsTheRestOfAStrictOneVisibly) {
  start(true);
  answer("second", Outcome::Rejected);
  host_.emit({"a"});
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_THAT(host_.numbers("chain/third"), IsEmpty());
  EXPECT_EQ(host_.scalar("SELECT status FROM observer.observer_events"), "skipped");
  EXPECT_EQ(host_.scalar("SELECT action FROM observer.observer_dlq_items"), "second");
}

TEST_F(Sequence, AFailureAfterRetriesSkipsTheRestToo) {
  start(true, [](PreparedAction& action) { action.delivery.retry.max_attempts = 2; });
  answer("second", Outcome::Retry);
  host_.emit({"a"});
  ASSERT_TRUE(eventually(
      [&] { return host_.scalar("SELECT count(*) FROM observer.observer_dlq_items") == "1"; }));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_THAT(host_.numbers("chain/third"), IsEmpty());
  EXPECT_EQ(host_.scalar("SELECT status FROM observer.observer_events"), "skipped");
  EXPECT_EQ(host_.schedule(), "");
}

TEST_F(Sequence, AnUnorderedStrictOneGoesOnAfterARetry) {
  observers_ = [](Observers& all) {
    all.add("chain", {{"first", "first", {}}, {"second", "second", {}}},
            [](PreparedObserver& observer) {
              strict(observer);
              observer.ordering = config::Ordering::None;
            });
  };
  host_.start(observers_);
  std::atomic<int> tries{0};
  host_.module().answer([&](const plugin::Item& item) {
    const bool fails = item.action->lane_key() == "first" && tries++ == 0;
    return FakeModule::result(fails ? Outcome::Retry : Outcome::Delivered);
  });
  host_.emit({"a"});
  ASSERT_TRUE(eventually([&] { return host_.numbers("chain/second").size() == 1; }));
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
  EXPECT_THAT(host_.numbers("chain/first"), ElementsAre("1", "1"));
}

TEST_F(Sequence, ARedriveIsThatOneActionAndGoesOutOfOrder) {
  start(true);
  answer("first", Outcome::Rejected);
  host_.emit({"a"});
  ASSERT_TRUE(host_.wait_until_settled());
  answer("", Outcome::Delivered);
  auto connection = testing::connect(host_.url());
  store::DeadLetters letters(*connection);
  const auto rows = letters.list({});
  ASSERT_TRUE(rows.ok() && rows->size() == 1);
  ASSERT_TRUE(letters.retry({rows->front().id}).ok());
  ASSERT_TRUE(eventually(
      [&] { return host_.scalar("SELECT status FROM observer.observer_dlq_items") == "success"; }));
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_THAT(host_.numbers("chain/first"), ElementsAre("1", "1"));
  EXPECT_THAT(host_.numbers("chain/second"), IsEmpty());
}

}  // namespace
}  // namespace observerd::delivery::tests
