#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <observerd/plugin.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

namespace observerd::sdk {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// A connection, as far as a pool is concerned: numbered, and counted while it lives.
struct Thing {
  explicit Thing(std::atomic<int>& alive, int number) : alive(alive), number(number) { ++alive; }
  ~Thing() { --alive; }
  std::atomic<int>& alive;
  const int number;
};

class SdkPool : public ::testing::Test {
 protected:
  Clock::time_point now() const { return Clock::now(); }
  Clock::time_point later() const { return Clock::now() + std::chrono::minutes(1); }

  std::atomic<int> alive_{0};
  std::atomic<int> made_{0};
  Pool<Thing> pool_{2, [this] { return std::make_unique<Thing>(alive_, ++made_); }};
};

TEST_F(SdkPool, LendsAgainWhatCameBack) {
  { EXPECT_EQ(pool_.borrow(now())->number, 1); }
  EXPECT_EQ(alive_, 1);
  EXPECT_EQ(pool_.borrow(now())->number, 1);
}

TEST_F(SdkPool, LendsNoMoreThanItsLimit) {
  auto first = pool_.borrow(now());
  auto second = pool_.borrow(now());
  EXPECT_NE(first->number, second->number);
  const auto begin = Clock::now();
  EXPECT_FALSE(pool_.borrow(begin + milliseconds(20)));
  EXPECT_GE(Clock::now() - begin, milliseconds(20));
  EXPECT_EQ(made_, 2);
}

TEST_F(SdkPool, WaitsForWhatIsGivenBack) {
  auto first = pool_.borrow(now());
  const auto second = pool_.borrow(now());
  auto waiting = std::async(std::launch::async, [&] { return pool_.borrow(later())->number; });
  first = {};
  EXPECT_EQ(waiting.get(), 1);
}

TEST_F(SdkPool, ReplacesWhatIsDiscarded) {
  auto broken = pool_.borrow(now());
  broken.discard();
  EXPECT_FALSE(broken);
  EXPECT_EQ(alive_, 0);
  const auto first = pool_.borrow(now());
  const auto second = pool_.borrow(now());
  EXPECT_EQ(first->number, 2);
  EXPECT_TRUE(second);
}

TEST_F(SdkPool, KeepsItsPlacesWhenNothingCanBeMade) {
  int tries = 0;
  Pool<int> failing(1, [&]() -> std::unique_ptr<int> {
    if (++tries == 1) throw std::runtime_error("refused");
    return tries == 2 ? nullptr : std::make_unique<int>(tries);
  });
  EXPECT_THROW(failing.borrow(now()), std::runtime_error);
  EXPECT_FALSE(failing.borrow(now()));
  EXPECT_EQ(*failing.borrow(now()), 3);
}

TEST_F(SdkPool, ClosedItDestroysWhatIsIdleAndWakesWhoWaits) {
  auto first = pool_.borrow(now());
  auto second = pool_.borrow(now());
  second = {};
  auto third = pool_.borrow(now());
  auto waiting = std::async(std::launch::async, [&] { return bool(pool_.borrow(later())); });
  third.discard();
  waiting.wait();
  EXPECT_TRUE(waiting.get());
  third = pool_.borrow(now());
  waiting = std::async(std::launch::async, [&] { return bool(pool_.borrow(later())); });
  pool_.close();
  EXPECT_FALSE(waiting.get());
  first = {};
  third = {};
  EXPECT_EQ(alive_, 0);
  EXPECT_FALSE(pool_.borrow(now()));
  pool_.reopen();
  EXPECT_TRUE(pool_.borrow(now()));
}

TEST_F(SdkPool, IsSharedByThreads) {
  std::atomic<int> lent{0};
  std::atomic<bool> too_many{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        auto lease = pool_.borrow(later());
        if (++lent > 2) too_many = true;
        --lent;
        if (round % 7 == 0) lease.discard();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_FALSE(too_many);
  EXPECT_LE(alive_, 2);
}

}  // namespace
}  // namespace observerd::sdk
