#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "support/postgres.hpp"

namespace observerd::testing {
namespace {

class Migrate : public ::testing::Test {
 protected:
  Status migrate(const std::vector<postgres::Migration>& migrations, int shards = 4) {
    return postgres::migrate(*connection_, migrations, shards).status();
  }
  std::string applied() {
    return scalar(url_,
                  "SELECT string_agg(number::text, ',' ORDER BY number)"
                  " FROM observer.schema_migrations");
  }

  std::string url_ = empty_database();
  std::unique_ptr<postgres::Connection> connection_ = connect(url_);
  std::vector<postgres::Migration> all_ = all_migrations();
};

TEST_F(Migrate, AppliesWhatIsPendingOnceAndTellsTheStatus) {
  EXPECT_FALSE(postgres::require_migrated(*connection_, all_).ok());
  const Result<std::vector<int>> first = postgres::migrate(*connection_, all_, 4);
  ASSERT_TRUE(first.ok()) << first.status().to_string();
  EXPECT_EQ(first->size(), all_.size());
  EXPECT_TRUE(postgres::migrate(*connection_, all_, 4)->empty());
  EXPECT_TRUE(postgres::require_migrated(*connection_, all_).ok());
  const auto states = postgres::migration_status(*connection_, all_);
  for (const postgres::MigrationState& state : *states) {
    EXPECT_TRUE(state.applied);
    EXPECT_FALSE(state.applied_at.empty());
  }
}

TEST_F(Migrate, HostsThatStartTogetherDoNotCollide) {
  std::vector<std::thread> hosts;
  std::vector<std::size_t> counts(4);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    hosts.emplace_back([&, i] {
      const auto own = connect(url_);
      const Result<std::vector<int>> done = postgres::migrate(*own, all_, 4);
      counts[i] = done.ok() ? done->size() : 100;
    });
  }
  for (std::thread& host : hosts) host.join();
  std::sort(counts.begin(), counts.end());
  EXPECT_EQ(counts, (std::vector<std::size_t>{0, 0, 0, all_.size()}));
}

TEST_F(Migrate, DatabaseOfANewerVersionIsRefusedAndUntouched) {
  ASSERT_TRUE(migrate(all_).ok());
  run_sql(url_, "INSERT INTO observer.schema_migrations VALUES (90, '90_future.sql', 'x')");
  for (const Status& status : {migrate(all_), postgres::require_migrated(*connection_, all_),
                               postgres::migration_status(*connection_, all_).status()}) {
    EXPECT_EQ(status.code(), Code::Database);
    EXPECT_NE(status.to_string().find("90_future.sql"), std::string::npos);
    EXPECT_NE(status.to_string().find("newer"), std::string::npos);
  }
}

TEST_F(Migrate, ChangedMigrationIsRefusedAndNothingIsApplied) {
  std::vector<postgres::Migration> some = all_;
  some.pop_back();
  ASSERT_TRUE(migrate(some).ok());
  const std::string before = applied();
  all_[0].checksum = "another";
  const Status status = migrate(all_);
  EXPECT_NE(status.message().find(all_[0].name + " has changed since"), std::string::npos);
  EXPECT_EQ(applied(), before);
}

TEST_F(Migrate, GapInTheDatabaseIsRefused) {
  ASSERT_TRUE(migrate(all_).ok());
  run_sql(url_, "DELETE FROM observer.schema_migrations WHERE number = 1");
  EXPECT_NE(migrate(all_).message().find("one before it is not"), std::string::npos);
}

TEST_F(Migrate, FailingMigrationLeavesNothingOfItself) {
  postgres::Migration bad;
  bad.number = static_cast<int>(all_.size()) + 1;
  bad.name = "99_bad.sql";
  bad.sql = "CREATE TABLE ${schema}.half (id int); SELECT 1 / 0";
  bad.checksum = "x";
  all_.push_back(bad);
  const Status status = migrate(all_);
  EXPECT_NE(status.message().find("99_bad.sql was not applied: division by zero"),
            std::string::npos)
      << status.to_string();
  EXPECT_EQ(scalar(url_, "SELECT to_regclass('observer.half') IS NULL"), "t");
  all_.pop_back();
  EXPECT_TRUE(postgres::require_migrated(*connection_, all_).ok());
}

TEST_F(Migrate, NeedsNoSuperuser) {
  run_sql(url_, "DROP ROLE IF EXISTS migrator; CREATE ROLE migrator LOGIN");
  run_sql(url_,
          "DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO migrator',"
          " current_database()); END $$; REVOKE ALL ON FUNCTION pg_control_system FROM PUBLIC");
  std::string url = url_;
  url.replace(url.find("//postgres@"), 11, "//migrator@");
  connection_ = connect(url);
  const Status status = migrate(all_);
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(scalar(url_, "SELECT system_identifier IS NULL FROM observer.installation"), "t");
}

TEST_F(Migrate, OwnerOfASchemaMadeForItNeedsNoRightOnTheDatabase) {
  run_sql(url_,
          "DROP ROLE IF EXISTS schema_owner; CREATE ROLE schema_owner LOGIN;"
          " CREATE SCHEMA observer AUTHORIZATION schema_owner");
  std::string url = url_;
  url.replace(url.find("//postgres@"), 11, "//schema_owner@");
  connection_ = connect(url);
  const Status status = migrate(all_);
  EXPECT_TRUE(status.ok()) << status.to_string();
}

TEST_F(Migrate, SchemaNamesAreQuotedOrRefused) {
  connection_ = connect(url_, "My-Schema");
  const Status status = migrate(all_, 7);
  ASSERT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(run_sql(url_,
                    "SELECT \"My-Schema\".wake_channel(), \"My-Schema\".lock_class() ="
                    " hashtext('observerd:My-Schema'), (SELECT shards FROM"
                    " \"My-Schema\".installation), \"My-Schema\".emit('A', '1', '{}')"),
            (Rows{{"My-Schema_wake", "t", "7", "1"}}));
  for (const char* name : {"", "a\"b", "it's", "a b", "pg_x", "$x"}) {
    connection_ = connect(url_, name);
    EXPECT_NE(migrate(all_).message().find("cannot be used"), std::string::npos) << name;
  }
}

TEST_F(Migrate, NumberOfShardsIsFixedByTheFirst) {
  EXPECT_FALSE(migrate(all_, 0).ok());
  ASSERT_TRUE(migrate(all_, 3).ok());
  EXPECT_NE(migrate(all_, 4).message().find("migrated with 3 shards, not 4"), std::string::npos);
  EXPECT_EQ(run_sql(url_,
                    "SELECT min(s), max(s), count(DISTINCT s) FROM (SELECT"
                    " observer.shard_of('Order', i::text) FROM generate_series(1, 1000) AS i)"
                    " AS t (s)"),
            (Rows{{"0", "2", "3"}}));
}

TEST_F(Migrate, InstallationKnowsItsServer) {
  ASSERT_TRUE(migrate(all_).ok());
  EXPECT_EQ(run_sql(url_,
                    "SELECT count(*), bool_and(system_identifier = (SELECT"
                    " system_identifier::text FROM pg_control_system())) FROM"
                    " observer.installation"),
            (Rows{{"1", "t"}}));
}

TEST_F(Migrate, OutboxSegmentsRotateFromTheFirst) {
  ASSERT_TRUE(migrate(all_).ok());
  std::string segments;
  for (int i = 0; i < 5; ++i) {
    segments += scalar(url_, "SELECT last_value FROM observer.outbox_segment");
    run_sql(url_, "SELECT observer.emit('A', '1', '{}'), nextval('observer.outbox_segment')");
  }
  EXPECT_EQ(segments, "01230");
  EXPECT_EQ(scalar(url_, "SELECT string_agg(segment::text, '' ORDER BY id) FROM observer.outbox"),
            "01230");
}

}  // namespace
}  // namespace observerd::testing
