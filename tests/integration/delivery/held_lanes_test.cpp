#include <gmock/gmock.h>

#include "integration/delivery/host.hpp"
#include "store/parked_lanes.hpp"

/// An action whose destinations are rendered: one that does not work holds up no other.
namespace observerd::delivery::tests {
namespace {

using plugin::Outcome;
using ::testing::StartsWith;

class HeldLanes : public ::testing::Test {
 protected:
  void start(Milliseconds looked_at) {
    looked_at_ = looked_at;
    host_.options().on_gone = [this](const auto&, const auto&, const auto&) { ++told_; };
    host_.module().answer([](const plugin::Item& item) {
      const std::string& settings = *item.settings_json;
      if (settings.find("bad") != std::string::npos) {
        return FakeModule::result(Outcome::Misconfigured);
      }
      return FakeModule::result(settings.find("gone") != std::string::npos ? Outcome::Gone
                                                                           : Outcome::Delivered);
    });
    host_.start([this](Observers& all) { observers(all); });
  }
  /// The destination is the entity's key.
  void observers(Observers& all) {
    const auto rendered = [this](PreparedAction& action) {
      static const auto schema = json::parse(
          R"({"type": "object", "properties": {
              "action": {"type": "string", "x-template": "text"},
              "to": {"type": "string", "x-template": "text", "x-lane": "value"}}})",
          Code::ActionSettings);
      const auto settings =
          json::parse(R"({"action": "one/act", "to": "{{ event.id }}"})", Code::ActionSettings);
      Diagnostics problems;
      action.settings = templates::SettingsTemplate::compile(*settings, *schema, problems);
      action.delivery.retry.max_delay = looked_at_;
    };
    all.add("one", {{"act", "there", rendered}},
            [](PreparedObserver& one) { one.ordering = config::Ordering::None; });
    all.alert({10, Milliseconds(60'000)});
  }
  std::size_t tries(const std::string& to) {
    std::size_t count = 0;
    for (const Got& got : host_.module().got()) {
      if (got.settings.find("\"" + to + "\"") != std::string::npos) ++count;
    }
    return count;
  }

  Milliseconds looked_at_{0};
  std::atomic<int> told_{0};
  Host host_;
};

TEST_F(HeldLanes, OnlyWhatGoesToABadOrGoneDestinationIsHeld) {
  start(std::chrono::hours(1));
  host_.emit({"bad", "fine", "gone"});
  ASSERT_TRUE(eventually([&] { return host_.schedule() == "held gone 1, held misconfigured 1"; }));
  host_.emit({"bad", "fine", "gone", "other", "fine"});
  ASSERT_TRUE(host_.wait_until_settled());
  EXPECT_EQ(host_.schedule(), "held gone 2, held misconfigured 2");
  EXPECT_EQ(tries("bad"), 1u);
  EXPECT_EQ(tries("gone"), 1u);
  EXPECT_EQ(tries("fine"), 3u);
  EXPECT_EQ(tries("other"), 1u);
  EXPECT_EQ(tries("observerd.alert/tell"), 2u) << "one for each";
  EXPECT_EQ(told_, 0) << "the action is not paused";

  auto connection = testing::connect(host_.url());
  const auto lanes = store::parked_lanes(*connection);
  ASSERT_TRUE(lanes.ok());
  ASSERT_EQ(lanes->size(), 2u);
  EXPECT_EQ((*lanes)[0].lane, "fake there bad");
  EXPECT_EQ((*lanes)[0].held, 2);
  EXPECT_THAT((*lanes)[0].reason, StartsWith("misconfigured: fake; looked at again at 20"));
  EXPECT_EQ((*lanes)[1].lane, "fake there gone");
  EXPECT_EQ((*lanes)[1].reason, "gone: fake");

  host_.module().answer(Outcome::Delivered);
  EXPECT_FALSE(host_.dispatcher().resume_lane("fake there missing"));
  EXPECT_TRUE(host_.dispatcher().resume_lane("fake there gone"));
  ASSERT_TRUE(eventually([&] { return host_.schedule() == "held misconfigured 2"; }));
  host_.replace([this](Observers& all) { observers(all); });
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
  EXPECT_EQ(tries("bad"), 3u);
}

TEST_F(HeldLanes, ABadDestinationIsProbedWithOneDelivery) {
  start(Milliseconds(300));
  host_.emit({"bad", "bad", "bad", "bad", "bad", "bad", "fine"});
  ASSERT_TRUE(eventually([&] { return host_.schedule() == "held misconfigured 6"; }));
  const std::size_t before = tries("bad");
  ASSERT_TRUE(eventually([&] { return tries("bad") >= before + 2; }));
  EXPECT_LE(tries("bad"), before + 3) << "one at a time";
  host_.module().answer(Outcome::Delivered);
  ASSERT_TRUE(eventually([&] { return host_.schedule().empty(); }));
  EXPECT_EQ(tries("fine"), 1u);
}

}  // namespace
}  // namespace observerd::delivery::tests
