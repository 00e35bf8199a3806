#include "source/adopt.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "source/progress.hpp"
#include "source/reader_session.hpp"
#include "source/reclaim.hpp"
#include "test_host.hpp"

/// Databases that were restored on another server.
namespace observerd::source {
namespace {

using ::testing::HasSubstr;
using testing::run_sql;
using testing::scalar;

void emit(const std::string& url, int from, int to) {
  run_sql(url, "SELECT observer.emit('Note', i::text, '{}') FROM generate_series(" +
                   std::to_string(from) + ", " + std::to_string(to) + ") AS i");
}

void burn_xids(const std::string& url) {
  run_sql(url,
          "CREATE TEMP TABLE burnt (i int); DO $$ BEGIN FOR i IN 1..4000 LOOP BEGIN INSERT INTO "
          "burnt VALUES (i); EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $$");
}

TestHost::Behaviour quick() {
  TestHost::Behaviour behaviour;
  behaviour.maintenance_interval = Milliseconds(10);
  return behaviour;
}

Adoption adopted(const std::string& url) {
  const auto result = adopt(*testing::connect(url));
  EXPECT_TRUE(result.ok()) << result.status().to_string();
  return result.ok() ? *result : Adoption();
}

/// The ids that are in `journal`, with their xids.
std::map<std::int64_t, std::uint64_t> rows_of(const Journal& journal) {
  std::map<std::int64_t, std::uint64_t> rows;
  for (const Seen& seen : journal.all()) {
    EXPECT_TRUE(rows.emplace(seen.row.id, seen.row.xid).second) << seen.row.id << " came twice";
  }
  return rows;
}

/// A server with a history of its own, unlike the others of this process, which are all copies.
class Restored : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = postgres::PrivateServer::create();
    ASSERT_TRUE(server.ok()) << server.status().to_string();
    server_ = *std::move(server);
    run_sql(server_->url(), "CREATE DATABASE copy");
    copy_ = server_->url("copy");
  }

  void dump_and_restore() {
    const std::string binaries = postgres::find_server_binaries()->string();
    const std::string file = (server_->directory() / "dump").string();
    ASSERT_EQ(std::system((binaries + "/pg_dump -Fc -f '" + file + "' '" + original_ + "' && " +
                           binaries + "/pg_restore -d '" + copy_ + "' '" + file + "'")
                              .c_str()),
              0);
  }

  /// 40 events settled, 20 read and not settled, 10 not read.
  void leave_work_undone() {
    Journal journal;
    {
      TestHost host(original_, 1, journal);
      emit(original_, 1, 40);
      ASSERT_TRUE(journal.wait_for(40));
      ASSERT_TRUE(host.wait_until_drained());
      host.hold_settling(true);
      emit(original_, 41, 60);
      ASSERT_TRUE(journal.wait_for(60));
      ASSERT_TRUE(eventually([&] {
        return scalar(original_,
                      "SELECT count(*) FROM (SELECT DISTINCT ON (shard) * FROM observer.ledger "
                      "ORDER BY shard, generation DESC) AS l WHERE base_sequence < 60") == "0";
      }));
    }
    emit(original_, 61, 70);
  }

  std::unique_ptr<postgres::PrivateServer> server_;
  const std::string original_ = testing::fresh_database();
  std::string copy_;
};

TEST_F(Restored, ACopyIsReadWhenItIsAdoptedAndWhatWasSettledStaysSo) {
  burn_xids(original_);  // so that new transactions of the copy look old to its ledger
  leave_work_undone();
  dump_and_restore();
  emit(copy_, 71, 75);  // an application is back before us

  Journal journal;
  TestHost host(copy_, 2, journal, quick());
  ASSERT_TRUE(eventually([&] {
    return host.source().shards()[0].error.find("run `observerd adopt`") != std::string::npos;
  })) << host.source().shards()[0].error;
  EXPECT_EQ(host.owned(), 0);
  EXPECT_EQ(journal.size(), 0u);

  const Adoption adoption = adopted(copy_);
  EXPECT_TRUE(adoption.needed);
  EXPECT_NE(adoption.from, adoption.to);
  EXPECT_EQ(adoption.unsettled, 35);
  ASSERT_TRUE(host.wait_until_owned(4)) << "it goes on by itself";
  ASSERT_TRUE(journal.wait_for(35));
  emit(copy_, 76, 99);
  ASSERT_TRUE(journal.wait_for(59));
  ASSERT_TRUE(host.wait_until_drained());
  const auto rows = rows_of(journal);
  EXPECT_EQ(rows.begin()->first, 41);
  EXPECT_EQ(rows.size(), 59u);
  for (const auto& row : run_sql(original_, "SELECT id, xid FROM observer.outbox WHERE id > 40")) {
    EXPECT_EQ(std::to_string(rows.at(std::stoll(row[0]))), row[1]) << "event ids derive from it";
  }
  // Segments are reclaimed as ever.
  const auto connection = testing::connect(copy_);
  ASSERT_TRUE(*rotate(*connection, 0));
  ASSERT_TRUE(
      eventually([&] { return scalar(copy_, "SELECT count(*) FROM observer.outbox") == "0"; }));
  const auto found = installation(*connection);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->system_identifier, found->present_identifier);
  EXPECT_GE(found->adopted_to, 75);
}

TEST_F(Restored, ACopyOnAServerThatIsFurtherOnIsAdoptedToo) {
  burn_xids(server_->url());
  leave_work_undone();
  dump_and_restore();
  EXPECT_EQ(adopted(copy_).unsettled, 30);
  Journal journal;
  TestHost host(copy_, 2, journal);
  ASSERT_TRUE(journal.wait_for(30));
  emit(copy_, 71, 80);
  ASSERT_TRUE(journal.wait_for(40));
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(rows_of(journal).begin()->first, 41);
}

class Adopting : public ::testing::Test {
 protected:
  void pretend_restored() {
    run_sql(url_, "UPDATE observer.installation SET system_identifier = '1'");
  }
  const std::string url_ = testing::fresh_database();
  Journal journal_;
};

TEST_F(Adopting, ChangesNothingWhereNothingWasRestored) {
  emit(url_, 1, 10);
  const Adoption adoption = adopted(url_);
  EXPECT_FALSE(adoption.needed);
  EXPECT_EQ(scalar(url_, "SELECT count(*) FROM observer.ledger"), "4");
  EXPECT_EQ(scalar(url_, "SELECT adopted_to FROM observer.installation"), "0");
}

TEST_F(Adopting, IsRefusedWhileAHostReads) {
  TestHost host(url_, 1, journal_);
  ASSERT_TRUE(host.wait_until_owned(4));
  pretend_restored();
  const auto result = adopt(*testing::connect(url_));
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.status().code(), Code::LeaseLost);
  EXPECT_THAT(result.status().message(), HasSubstr("is being read by a host"));
  EXPECT_EQ(scalar(url_, "SELECT system_identifier FROM observer.installation"), "1");
}

TEST_F(Adopting, WaitsForWritersThatAreUnderWay) {
  pretend_restored();
  pqxx::connection application(url_);
  pqxx::work work(application);
  work.exec("SELECT observer.emit('Note', 'a', '{}')");
  std::thread adopting([&] { EXPECT_EQ(adopted(url_).unsettled, 1); });
  EXPECT_TRUE(eventually(
      [&] { return scalar(url_, "SELECT count(*) FROM pg_locks WHERE NOT granted") != "0"; }));
  work.commit();
  adopting.join();
  TestHost host(url_, 1, journal_);
  ASSERT_TRUE(journal_.wait_for(1));
}

/// A transaction that has an xid by then, and no id yet.
TEST_F(Adopting, LosesNoEventOfATransactionThatBeganBefore) {
  pretend_restored();
  pqxx::connection application(url_);
  pqxx::work work(application);
  work.exec("SELECT pg_current_xact_id()");
  EXPECT_EQ(adopted(url_).unsettled, 0);
  TestHost host(url_, 1, journal_);
  emit(url_, 1, 5);
  ASSERT_TRUE(journal_.wait_for(5));
  work.exec("SELECT observer.emit('Note', 'late', '{}')");
  work.commit();
  ASSERT_TRUE(journal_.wait_for(6));
  ASSERT_TRUE(host.wait_until_drained());
}

TEST_F(Adopting, OfOneThatWasAdoptedBeforeKeepsWhatWasSettledSince) {
  pretend_restored();
  emit(url_, 1, 20);
  EXPECT_EQ(adopted(url_).unsettled, 20);
  {
    TestHost host(url_, 1, journal_);
    ASSERT_TRUE(journal_.wait_for(20));
    emit(url_, 21, 30);
    ASSERT_TRUE(journal_.wait_for(30));
    ASSERT_TRUE(host.wait_until_drained());
  }
  emit(url_, 31, 33);
  pretend_restored();
  EXPECT_EQ(adopted(url_).unsettled, 3);
  TestHost host(url_, 2, journal_);
  ASSERT_TRUE(journal_.wait_for(33));
  ASSERT_TRUE(host.wait_until_drained());
  rows_of(journal_);
}

TEST_F(Adopting, MovesASequenceOnThatWasRestoredTooLow) {
  emit(url_, 1, 20);
  run_sql(url_, "SELECT setval('observer.outbox_id', 3)");
  pretend_restored();
  EXPECT_EQ(adopted(url_).unsettled, 20);
  emit(url_, 21, 21);
  EXPECT_EQ(scalar(url_, "SELECT max(id) FROM observer.outbox"), "21");
}

TEST_F(Adopting, ALedgerAheadOfTheServerIsReadAfterwards) {
  run_sql(url_,
          "UPDATE observer.ledger SET base_snapshot = '999999999:999999999:', base_sequence = 10, "
          "base_top = 10");
  emit(url_, 1, 30);
  EXPECT_TRUE(adopted(url_).needed);
  TestHost host(url_, 1, journal_);
  ASSERT_TRUE(journal_.wait_for(20));
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(rows_of(journal_).begin()->first, 11);
}

TEST_F(Adopting, WhereTheServerWasNotKnownNothingIsRefused) {
  run_sql(url_, "UPDATE observer.installation SET system_identifier = NULL");
  TestHost host(url_, 1, journal_);
  ASSERT_TRUE(host.wait_until_owned(4));
}

}  // namespace
}  // namespace observerd::source
