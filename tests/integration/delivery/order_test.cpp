#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <thread>

#include "integration/delivery/host.hpp"

/// Deliveries of one entity for one action go in the order of its events, whatever is written when.
namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;
using ::testing::ElementsAre;
using ::testing::StartsWith;

class Order : public ::testing::Test {
 protected:
  Host host_;
};

/// What an event leaves in the schedule is written when all of the event is through, so a later
/// event may be written first. It must not go first.
TEST_F(Order, ALaterEventThatIsWrittenFirstDoesNotOvertake) {
  std::promise<void> slow_ends;
  const std::shared_future<void> slow = slow_ends.get_future().share();
  std::atomic<int> tries{0};
  host_.module().answer([&, slow](const plugin::Item& item) {
    if (item.action->lane_key() == "slow") {
      slow.wait();
      return FakeModule::result(Outcome::Delivered);
    }
    return FakeModule::result(tries++ == 0 ? Outcome::Retry : Outcome::Delivered);
  });
  const auto quick = [](Observers& all) { all.add("quick", {{"act", "quick", {}}}); };
  host_.start([&](Observers& all) {
    quick(all);
    all.add("slow", {{"act", "slow", {}}});
  });
  host_.emit({"k"}, 1);
  ASSERT_TRUE(host_.module().wait_for(2));
  host_.replace(quick);
  host_.emit({"k"}, 2);
  // The first event still waits for its slow delivery; the second one is written.
  ASSERT_TRUE(eventually([&] { return !host_.schedule().empty(); }));
  std::this_thread::sleep_for(std::chrono::milliseconds(300));  // what could go would have gone
  EXPECT_THAT(host_.schedule(), StartsWith("behind"));
  EXPECT_THAT(host_.numbers("quick/act"), ElementsAre("1"));
  slow_ends.set_value();
  ASSERT_TRUE(eventually([&] { return host_.wait_until_settled() && host_.schedule().empty(); }))
      << host_.schedule();
  EXPECT_THAT(host_.numbers("quick/act"), ElementsAre("1", "1", "2"));
}

}  // namespace
}  // namespace observerd::delivery::tests
