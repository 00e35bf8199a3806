#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "source/pages.hpp"
#include "source/positions.hpp"
#include "source/reader_session.hpp"
#include "test_host.hpp"
#include "unfenced.hpp"

/// Windows one at a time, with writers held still between the statements of a reader.
namespace observerd::source {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::run_sql;

constexpr PageLimit kThreeRows{3, std::nullopt};

/// A transaction of an application.
class Writer {
 public:
  explicit Writer(const std::string& url) : connection_(url), work_(connection_) {}
  /// Returns the id.
  std::int64_t emit(const std::string& key) {
    return work_.exec1("SELECT observer.emit('Note', '" + key + "', '{}')")[0].as<std::int64_t>();
  }
  std::uint64_t xid() { return work_.exec1("SELECT pg_current_xact_id()")[0].as<std::uint64_t>(); }
  void exec(const std::string& sql) { work_.exec(sql); }
  void commit() { work_.commit(); }
  void roll_back() { work_.abort(); }

 private:
  pqxx::connection connection_;
  pqxx::work work_;
};

/// Reads all shards as one reader would read one: with a single shard.
class Windows : public ::testing::Test {
 protected:
  void SetUp() override {
    run_sql(url_,
            "CREATE OR REPLACE FUNCTION observer.shard_of(entity text, key text) RETURNS "
            "smallint LANGUAGE sql IMMUTABLE RETURN 0::smallint");
    ASSERT_TRUE(prepare_session(*connection_).ok());
  }

  /// Makes the next position and reads the window up to it; its ids.
  std::vector<std::int64_t> next_window(const Positions& positions) {
    std::vector<std::int64_t> ids;
    const Result<Look> look = positions.look(*connection_);
    EXPECT_TRUE(look.ok()) << look.status().to_string();
    if (!has_news(progress_.base, *look)) return ids;
    Result<Position> target = positions.next(*connection_, progress_.base, *look);
    EXPECT_TRUE(target.ok()) << target.status().to_string();
    progress_.cursor = window_start(progress_.base, *target);
    progress_.target = *target;
    bool last = false;
    while (!last) {
      const Result<Page> page = read_page(*connection_, 0, progress_, kThreeRows);
      EXPECT_TRUE(page.ok()) << page.status().to_string();
      for (const std::int64_t id : page->ids()) ids.push_back(id);
      progress_.cursor = page->through;
      last = page->last;
    }
    progress_ = {*target, std::nullopt, 0};
    return ids;
  }
  std::vector<std::int64_t> next_window() { return next_window(Positions()); }

  const std::string url_ = testing::fresh_database();
  const std::unique_ptr<postgres::Connection> connection_ = testing::connect(url_);
  Progress progress_;
};

/// The writer has an xid and an id, nobody with a later xid has ended: so it is at or above the
/// snapshot's xmax, not in its list, and its id is not above the sequence.
TEST_F(Windows, WithoutTheFenceAnEventIsLost) {
  // Another transaction of the server (autovacuum's) may end at the wrong moment and save us.
  for (int i = 0; i < 20; ++i) {
    Writer writer(url_);
    const std::int64_t id = writer.emit("a");
    next_window(Unfenced());
    if (progress_.base.snapshot.xmax > writer.xid()) continue;
    writer.commit();
    EXPECT_THAT(next_window(Unfenced()), IsEmpty()) << "the fence would not be needed";
    // It is there for whoever looks, and will never be read.
    run_sql(url_, "SELECT observer.emit('Note', 'later', '{}')");
    EXPECT_THAT(next_window(Unfenced()), ElementsAre(id + 1));
    EXPECT_EQ(testing::scalar(url_, "SELECT min(id) FROM observer.outbox"), std::to_string(id));
    return;
  }
  FAIL() << "the situation never arose";
}

TEST_F(Windows, WithTheFenceTheSameEventIsRead) {
  Writer writer(url_);
  const std::int64_t id = writer.emit("a");
  EXPECT_THAT(next_window(), IsEmpty());
  writer.commit();
  EXPECT_THAT(next_window(), ElementsAre(id));
}

TEST_F(Windows, LateCommittersComeWhenTheyCommit) {
  Writer first(url_), second(url_);
  const std::int64_t a = first.emit("a");
  const std::int64_t b = second.emit("b");
  std::vector<std::int64_t> between;
  for (const char* key : {"c", "d", "e", "f"}) {
    Writer quick(url_);
    between.push_back(quick.emit(key));
    quick.commit();
  }
  EXPECT_EQ(next_window(), between);
  const std::int64_t a2 = first.emit("a");
  first.commit();
  EXPECT_THAT(next_window(), ElementsAre(a, a2));
  EXPECT_THAT(next_window(), IsEmpty());
  second.commit();
  EXPECT_THAT(next_window(), ElementsAre(b));
}

TEST_F(Windows, SavepointsCountAsTheirTransaction) {
  Writer writer(url_);
  writer.exec("SAVEPOINT s");
  writer.emit("gone");
  writer.exec("ROLLBACK TO s");
  writer.exec("SAVEPOINT t");
  const std::int64_t kept = writer.emit("kept");
  writer.exec("RELEASE t");
  EXPECT_THAT(next_window(), IsEmpty());
  writer.commit();
  EXPECT_THAT(next_window(), ElementsAre(kept));
}

TEST_F(Windows, ARollbackLeavesNothing) {
  Writer writer(url_);
  writer.emit("a");
  EXPECT_THAT(next_window(), IsEmpty());
  writer.roll_back();
  EXPECT_THAT(next_window(), IsEmpty());
}

TEST_F(Windows, ARepeatableReadWriterIsReadWhenItCommits) {
  Writer writer(url_);
  writer.exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class");
  Writer quick(url_);
  const std::int64_t a = quick.emit("a");
  quick.commit();
  EXPECT_THAT(next_window(), ElementsAre(a));
  const std::int64_t b = writer.emit("b");
  writer.commit();
  EXPECT_THAT(next_window(), ElementsAre(b));
}

TEST_F(Windows, ARowThatWasWrittenWhileTheWindowIsReadWaitsForTheNext) {
  run_sql(url_, "SELECT observer.emit('Note', i::text, '{}') FROM generate_series(1, 5) AS i");
  const Positions positions;
  const Look look = *positions.look(*connection_);
  run_sql(url_, "SELECT observer.emit('Note', 'between', '{}')");  // after H, before S
  progress_.target = *positions.next(*connection_, progress_.base, look);
  run_sql(url_, "SELECT observer.emit('Note', 'after', '{}')");
  std::vector<std::int64_t> ids;
  for (bool last = false; !last;) {
    const Page page = *read_page(*connection_, 0, progress_, kThreeRows);
    for (const std::int64_t id : page.ids()) ids.push_back(id);
    progress_.cursor = page.through;
    last = page.last;
  }
  EXPECT_THAT(ids, ElementsAre(1, 2, 3, 4, 5, 6));
  progress_ = {*progress_.target, std::nullopt, 0};
  EXPECT_THAT(next_window(), ElementsAre(7)) << "6 must not come twice";
}

TEST_F(Windows, OrderIsKeptAcrossSegments) {
  for (int segment = 0; segment < 4; ++segment) {
    run_sql(url_, "SELECT observer.emit('Note', i::text, '{}') FROM generate_series(1, 3) AS i");
    run_sql(url_, "SELECT nextval('observer.outbox_segment')");
  }
  EXPECT_THAT(next_window(), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12));
}

TEST_F(Windows, RowsComeAsTheyWereWritten) {
  run_sql(url_,
          "SET observer.user_id = 'ann'; SET observer.traceparent = '00-ab-cd-01';"
          "SELECT observer.emit('Note', '[\"1\",\"ä\"]', '{\"n\": 1.50, \"t\":\"x\\ny\"}',"
          " event_type => 'note.read')");
  const Positions positions;
  const Look look = *positions.look(*connection_);
  progress_.target = *positions.next(*connection_, progress_.base, look);
  const Page page = *read_page(*connection_, 0, progress_, kThreeRows);
  ASSERT_EQ(page.rows.size(), 1u);
  const OutboxRow& row = page.rows[0];
  EXPECT_EQ(row.kind, "custom");
  EXPECT_EQ(row.entity, "Note");
  EXPECT_EQ(row.key, "[\"1\",\"ä\"]");
  EXPECT_EQ(row.old_key, "");
  EXPECT_EQ(row.type, "note.read");
  EXPECT_EQ(row.actor, "ann");
  EXPECT_EQ(row.trace_parent, "00-ab-cd-01");
  EXPECT_EQ(row.new_text, "{\"n\": 1.50, \"t\":\"x\\ny\"}");
  EXPECT_EQ(row.old_text, "");
  const testing::Rows stored = run_sql(
      url_, "SELECT xid, (extract(epoch FROM created_at) * 1000000)::bigint FROM observer.outbox");
  EXPECT_EQ(std::to_string(row.xid), stored[0][0]);
  EXPECT_EQ(std::to_string(row.created_us), stored[0][1]);
}

TEST_F(Windows, APageOfLargeRowsEndsWithTheRowThatReachesTheLimit) {
  // Of every way to be stored: as it is, compressed in its row, compressed and not outside of it.
  run_sql(url_,
          "SELECT observer.emit('Note', i::text, to_json(CASE i % 4 WHEN 0 THEN 'x' WHEN 1 THEN "
          "repeat('a', 50000) WHEN 2 THEN repeat('b', 1000000) ELSE (SELECT string_agg(md5((i * "
          "10000 + j)::text), '') FROM generate_series(1, 1000) AS j) END)) FROM "
          "generate_series(1, 40) AS i");
  const Positions positions;
  std::optional<std::int64_t> toast_bytes;
  progress_.target =
      *positions.next(*connection_, progress_.base, *positions.look(*connection_), &toast_bytes);
  EXPECT_GT(toast_bytes.value(), 200'000);
  constexpr std::int64_t kBytes = 1'500'000;
  std::size_t rows = 0;
  int cut = 0;
  for (bool last = false; !last;) {
    const Page page = *read_page(*connection_, 0, progress_, {1000, kBytes});
    std::int64_t bytes = 0;
    for (const OutboxRow& row : page.rows) {
      if (&row == &page.rows.back()) {
        EXPECT_LT(bytes, kBytes + 1000);
        const auto size = static_cast<std::int64_t>(row.new_text.size());
        EXPECT_EQ(bytes + size >= kBytes, page.cut);
      }
      bytes += static_cast<std::int64_t>(row.new_text.size());
    }
    rows += page.rows.size();
    cut += page.cut ? 1 : 0;
    last = page.last;
    EXPECT_NE(page.cut, last);
    progress_.cursor = page.through;
  }
  EXPECT_EQ(rows, 40u);
  EXPECT_GE(cut, 5);
  const Page again = *read_page_again(*connection_, 0, progress_, {{1, 40}}, 0, {1000, kBytes});
  EXPECT_TRUE(again.cut);
  EXPECT_LT(again.through, 40);
}

TEST(PageSizer, CountsBytesOnlyWhereThereAreLargeRowsAndLooksAtFewThen) {
  PageSizer sizer(1000, 8 << 20);
  EXPECT_TRUE(sizer.limit().bytes.has_value()) << "not known yet";
  sizer.toast(100'000);
  EXPECT_FALSE(sizer.limit().bytes.has_value());
  sizer.toast(std::int64_t{1} << 40);
  EXPECT_EQ(sizer.limit().rows, 1000);
  Page page;
  page.rows.resize(3);
  page.cut = true;
  sizer.read(page);
  EXPECT_EQ(sizer.limit().rows, 6);
  page.cut = false;
  page.rows.resize(6);
  sizer.read(page);
  EXPECT_EQ(sizer.limit().rows, 12);
  page.last = true;
  page.rows.resize(1);
  sizer.read(page);
  EXPECT_EQ(sizer.limit().rows, 12) << "there were no more";
}

/// Their TOAST tables are empty, and a page of a thousand would take 40 MB.
TEST(PageSizer, LearnsThatRowsAreLargeThoughTheyCompressToNothing) {
  PageSizer sizer(1000, 8 << 20);
  sizer.toast(0);
  Page page;
  page.last = true;
  page.rows.resize(10);
  for (OutboxRow& row : page.rows) row.new_text = row.old_text = std::string(20'000, 'x');
  sizer.read(page);
  EXPECT_EQ(sizer.limit().bytes, 8 << 20);
  EXPECT_EQ(sizer.limit().rows, 1000) << "there were no more";
  sizer.read(Page{});
  EXPECT_TRUE(sizer.limit().bytes.has_value()) << "nothing was read that says otherwise";
  for (OutboxRow& row : page.rows) row.new_text = row.old_text = std::string(400, 'x');
  sizer.read(page);
  EXPECT_FALSE(sizer.limit().bytes.has_value());
}

/// A never-analysed outbox of several segments: every page must walk the indexes in order. A sort
/// would read the whole backlog for every page.
TEST_F(Windows, ThePlanWalksTheIndexesAndNeverSorts) {
  run_sql(url_,
          "INSERT INTO observer.outbox (segment, shard, kind, entity, key) SELECT i % 4, 0, "
          "'custom', 'Note', i::text FROM generate_series(1, 20000) AS i");
  const std::string explain = "EXPLAIN (COSTS OFF) EXECUTE ";
  const struct {
    const char* statement;
    const char* parameters;
  } cases[] = {
      {statement::kPage, "(0, 5, 15000, '900000:900000:', '1:1:', 100)"},
      {statement::kSizedPage, "(0, 5, 15000, '900000:900000:', '1:1:', 100, 1000)"},
      {statement::kPageAgain, "(0, 5, 15000, '{[7,900)}', '1:1:', 700, '900000:900000:', 100)"},
      {statement::kSizedPageAgain,
       "(0, 5, 15000, '{[7,900)}', '1:1:', 700, '900000:900000:', 100, 1000)"},
  };
  for (const auto& each : cases) {
    std::string plan;
    const Status status = connection_->run([&](pqxx::nontransaction& transaction) {
      // libpqxx prepares at the first use.
      connection_->raw().prepare_now(each.statement);
      for (const pqxx::row& row :
           transaction.exec(explain + '"' + each.statement + '"' + each.parameters)) {
        plan += std::string(row[0].c_str()) + '\n';
      }
      return Status();
    });
    ASSERT_TRUE(status.ok()) << status.to_string();
    EXPECT_EQ(plan.find("Sort\n"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("Seq Scan"), std::string::npos) << plan;
    EXPECT_EQ(plan.find("Bitmap"), std::string::npos) << plan;
    EXPECT_NE(plan.find("Merge Append"), std::string::npos) << plan;
    EXPECT_NE(plan.find("Index Scan"), std::string::npos) << plan;
    EXPECT_NE(plan.find("Index Cond: ((shard = $1) AND (id > $2) AND (id <= $3))"),
              std::string::npos)
        << plan;
  }
}

}  // namespace
}  // namespace observerd::source
