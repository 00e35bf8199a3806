#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <set>

#include "source/pages.hpp"
#include "source/positions.hpp"
#include "source/reader_session.hpp"
#include "test_host.hpp"
#include "unfenced.hpp"

/// Writers at random against a reader with the fence and one without: that the randomised tests
/// can see events being lost. OBSERVERD_TORTURE_SEED repeats a run as far as threads repeat.
namespace observerd::source {
namespace {

using testing::run_sql;
using Ids = std::set<std::int64_t>;

constexpr int kWriters = 3;
constexpr Milliseconds kRound{500};
constexpr int kRounds = 40;
constexpr PageLimit kPage{100, std::nullopt};

class Fence : public ::testing::Test {
 protected:
  void SetUp() override {
    run_sql(url_,
            "CREATE OR REPLACE FUNCTION observer.shard_of(entity text, key text) RETURNS "
            "smallint LANGUAGE sql IMMUTABLE RETURN 0::smallint");
    ASSERT_TRUE(prepare_session(*connection_).ok());
    const char* seed = std::getenv("OBSERVERD_TORTURE_SEED");
    seed_ = seed == nullptr ? std::random_device()()
                            : static_cast<std::uint32_t>(std::strtoul(seed, nullptr, 10));
    std::printf("seed %u\n", seed_);
  }

  void write(std::uint32_t seed) const {
    std::minstd_rand random(seed);
    pqxx::connection connection(url_);
    while (!ending_) {
      pqxx::work work(connection);
      std::size_t key = random() % 40;
      for (std::size_t left = random() % 3;; --left) {
        work.exec("SELECT observer.emit('Note', '" + std::to_string(key) + "', '{}')");
        key += 1 + random() % 3;  // upwards only: two writers cannot wait for each other
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 3000));
        if (left == 0) break;
      }
      if (random() % 8 == 0) {
        work.abort();
      } else {
        work.commit();
      }
    }
  }

  /// Reads the window up to a new position.
  void read_window(const Positions& positions, Progress& progress, Ids& seen) {
    const Result<Look> look = positions.look(*connection_);
    ASSERT_TRUE(look.ok()) << look.status().to_string();
    if (!has_news(progress.base, *look)) return;
    Result<Position> target = positions.next(*connection_, progress.base, *look);
    ASSERT_TRUE(target.ok()) << target.status().to_string();
    progress.cursor = window_start(progress.base, *target);
    progress.target = *target;
    for (bool last = false; !last;) {
      const Result<Page> page = read_page(*connection_, 0, progress, kPage);
      ASSERT_TRUE(page.ok()) << page.status().to_string();
      for (const std::int64_t id : page->ids()) EXPECT_TRUE(seen.insert(id).second) << id;
      progress.cursor = page->through;
      last = page->last;
    }
    progress = {*target, std::nullopt, 0};
  }

  /// What a reader that makes such positions misses of a round of writing.
  Ids missing_with(const Positions& positions) {
    Progress progress;
    Ids seen, committed;
    read_window(Positions(), progress, seen);  // what other rounds have left
    const std::int64_t start = progress.base.sequence;
    seen.clear();
    ending_ = false;
    std::vector<std::thread> writers;
    for (int i = 0; i < kWriters; ++i)
      writers.emplace_back([this, seed = ++seed_] { write(seed); });
    const auto until = std::chrono::steady_clock::now() + kRound;
    while (std::chrono::steady_clock::now() < until) read_window(positions, progress, seen);
    ending_ = true;
    for (std::thread& writer : writers) writer.join();
    // Beyond everything that was written, and the window behind it.
    run_sql(url_, "SELECT observer.emit('Note', 'last', '{}')");
    read_window(positions, progress, seen);
    for (const auto& row :
         run_sql(url_, "SELECT id FROM observer.outbox WHERE id > " + std::to_string(start))) {
      committed.insert(std::stoll(row[0]));
    }
    EXPECT_GT(committed.size(), 50u);
    for (const std::int64_t id : seen) EXPECT_EQ(committed.erase(id), 1u) << "invented: " << id;
    return committed;
  }

  const std::string url_ = testing::fresh_database();
  const std::unique_ptr<postgres::Connection> connection_ = testing::connect(url_);
  std::atomic<bool> ending_{false};
  std::uint32_t seed_ = 0;
};

TEST_F(Fence, WritersAtRandomLoseNothingWithIt) {
  for (int round = 0; round < 4; ++round) {
    EXPECT_EQ(missing_with(Positions()), Ids()) << "round " << round;
  }
}

TEST_F(Fence, WritersAtRandomAreSeenToLoseEventsWithoutIt) {
  std::size_t lost = 0;
  int rounds = 0;
  while (lost == 0 && rounds++ < kRounds) lost = missing_with(Unfenced()).size();
  std::printf("%zu events lost in round %d\n", lost, rounds);
  EXPECT_GT(lost, 0u) << "these writers would not tell a reader without the fence";
}

}  // namespace
}  // namespace observerd::source
