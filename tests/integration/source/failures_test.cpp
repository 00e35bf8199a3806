#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <set>

#include "source/reader_session.hpp"
#include "source/reclaim.hpp"
#include "test_host.hpp"

/// Hosts as processes of their own that are killed or stopped, servers that are restarted, and
/// transactions that hold everything up except us.
namespace observerd::source {
namespace {

using testing::run_sql;
using testing::scalar;

constexpr const char* kUrlVariable = "OBSERVERD_TEST_HOST_URL";
constexpr const char* kShardsHeld =
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid < 4 AND granted AND "
    "database = (SELECT oid FROM pg_database WHERE datname = current_database())";

void emit(const std::string& url, int from, int to) {
  run_sql(url, "SELECT observer.emit('Note', i::text, '{}') FROM generate_series(" +
                   std::to_string(from) + ", " + std::to_string(to) + ") AS i");
}

std::set<std::int64_t> distinct(const Journal& journal) {
  const std::vector<std::int64_t> ids = journal.ids();
  return {ids.begin(), ids.end()};
}

/// Not a test: what HostProcess runs. It ends by a signal.
TEST(HostProcess, DISABLED_Reads) {
  const char* url = std::getenv(kUrlVariable);
  ASSERT_NE(url, nullptr);
  Journal journal;
  TestHost::Behaviour behaviour;
  behaviour.settle_within = Milliseconds(500);
  const TestHost host(url, 1, journal, behaviour);
  while (true) ::pause();
}

/// A host as a process: this program again.
class HostProcess {
 public:
  explicit HostProcess(const std::string& url) {
    ::setenv(kUrlVariable, url.c_str(), 1);
    postgres::Command command;
    command.arguments = {"/proc/self/exe", "--gtest_filter=HostProcess.DISABLED_Reads",
                         "--gtest_also_run_disabled_tests"};
    command.directory = "/";
    command.log = "/dev/null";
    auto started = postgres::ChildProcess::start(command);
    EXPECT_TRUE(started.ok()) << started.status().to_string();
    if (started.ok()) process_.emplace(*std::move(started));
  }
  ~HostProcess() {
    if (!process_) return;
    process_->signal(SIGKILL);
    process_->wait();
  }
  HostProcess(const HostProcess&) = delete;
  HostProcess& operator=(const HostProcess&) = delete;
  void signal(int number) const { process_->signal(number); }

 private:
  std::optional<postgres::ChildProcess> process_;
};

class Failures : public ::testing::Test {
 protected:
  /// 20 events settled, 20 more read by the process and not settled yet.
  void begin() {
    ASSERT_TRUE(eventually([&] { return scalar(url_, kShardsHeld) == "4"; }));
    emit(url_, 1, 20);
    ASSERT_TRUE(
        eventually([&] { return ledgers("base_sequence >= 20 AND isempty(pending)") == 4; }));
    emit(url_, 21, 40);
    ASSERT_TRUE(
        eventually([&] { return ledgers("base_sequence >= 40 AND NOT isempty(pending)") > 0; }));
  }
  /// Shards whose newest ledger row is such.
  int ledgers(const std::string& condition) {
    return std::stoi(scalar(url_,
                            "SELECT count(*) FROM (SELECT DISTINCT ON (shard) * FROM "
                            "observer.ledger ORDER BY shard, generation DESC) AS newest WHERE " +
                                condition));
  }

  const std::string url_ = testing::fresh_database();
  Journal journal_;
};

TEST_F(Failures, AHostThatIsKilledIsReplacedWithinSeconds) {
  const HostProcess process(url_);
  begin();
  TestHost other(url_, 2, journal_);
  ASSERT_TRUE(eventually([&] { return other.owned() == 2; }));
  process.signal(SIGKILL);
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(other.wait_until_owned(4));
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
  emit(url_, 41, 60);
  ASSERT_TRUE(eventually([&] { return ledgers("base_sequence >= 60 AND isempty(pending)") == 4; }));
  const std::set<std::int64_t> ids = distinct(journal_);
  for (std::int64_t id = 41; id <= 60; ++id) EXPECT_EQ(ids.count(id), 1u) << id;
}

/// The whole process sleeps through the loss of its connections and the takeover, and wakes up with
/// settlements of its old leases at hand.
TEST_F(Failures, AHostThatWasStoppedAcknowledgesNothingOfItsOldLeases) {
  const HostProcess process(url_);
  begin();
  process.signal(SIGSTOP);
  // As the server does by itself when a machine no longer answers.
  run_sql(url_,
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name IN "
          "('host 1', 'settler 1') AND datname = current_database()");
  TestHost other(url_, 2, journal_);
  ASSERT_TRUE(other.wait_until_owned(4));
  emit(url_, 41, 60);
  ASSERT_TRUE(eventually([&] { return ledgers("base_sequence >= 60 AND isempty(pending)") == 4; }));
  const testing::Rows takeovers = run_sql(url_,
                                          "SELECT shard, max(epoch), max(generation) FROM "
                                          "observer.ledger WHERE takeover GROUP BY shard");
  process.signal(SIGCONT);
  ASSERT_TRUE(eventually([&] { return other.owned() == 2; })) << "it has not come back";
  emit(url_, 61, 80);
  ASSERT_TRUE(eventually([&] { return ledgers("base_sequence >= 80 AND isempty(pending)") == 4; }));
  for (const auto& row : takeovers) {
    EXPECT_EQ(scalar(url_, "SELECT count(*) FROM observer.ledger WHERE shard = " + row[0] +
                               " AND epoch < " + row[1] + " AND generation > " + row[2]),
              "0");
  }
}

TEST(PipelineFailures, WritersDoNotNoticeAndNothingIsLostWhenPostgresIsRestarted) {
  const auto server = testing::new_server();
  const std::string url = testing::fresh_database(*server);
  Journal journal;
  TestHost::Behaviour behaviour;
  behaviour.segment_bytes = 1 << 30;
  TestHost host(url, 1, journal, behaviour);
  std::atomic<bool> writing{true};
  std::thread writer([&] {
    for (int i = 1; writing; ++i) {
      try {
        emit(url, i, i);
      } catch (const std::exception&) {
        std::this_thread::sleep_for(Milliseconds(20));  // it is being restarted
      }
    }
  });
  for (const auto how :
       {postgres::PrivateServer::Stop::Fast, postgres::PrivateServer::Stop::Immediate}) {
    const std::size_t before = journal.size();
    EXPECT_TRUE(eventually([&] { return journal.size() > before + 20; }));
    EXPECT_TRUE(server->restart(how).ok());
    const std::size_t after = journal.size();
    EXPECT_TRUE(eventually([&] { return journal.size() > after + 20; }));
  }
  writing = false;
  writer.join();
  // Waited for until nothing is missing, so that an event that is never read fails this.
  std::string missing;
  EXPECT_TRUE(eventually([&] {
    missing.clear();
    const std::set<std::int64_t> ids = distinct(journal);
    for (const auto& row : run_sql(url, "SELECT id FROM observer.outbox")) {
      if (ids.count(std::stoll(row[0])) == 0) missing += row[0] + " ";
    }
    return missing.empty();
  })) << "missing: "
      << missing;
}

TEST(PipelineFailures, APinnedXminOnlyKeepsDeadRowsOfOthers) {
  const std::string url = testing::fresh_database();
  pqxx::connection report(url), forgotten(url);
  pqxx::work pinned(report), idle(forgotten);
  pinned.exec("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM pg_class");
  idle.exec("SELECT pg_current_xact_id()");
  Journal journal;
  TestHost::Behaviour behaviour;
  behaviour.maintenance_interval = Milliseconds(10);
  behaviour.segment_bytes = 1;
  TestHost host(url, 1, journal, behaviour);
  for (int i = 0; i < 5; ++i) {
    emit(url, 100 * i + 1, 100 * i + 100);
    ASSERT_TRUE(journal.wait_for(static_cast<std::size_t>(100 * i + 100)));
    ASSERT_TRUE(
        eventually([&] { return scalar(url, "SELECT count(*) FROM observer.outbox") == "0"; }));
  }
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(journal.size(), 500u);
}

TEST(PipelineFailures, LateCommittersAreReadWhenTheyCommitAndDelayNobody) {
  const std::string url = testing::fresh_database();
  Journal journal;
  TestHost host(url, 1, journal);
  pqxx::connection application(url);
  pqxx::work late(application);
  late.exec("SELECT observer.emit('Note', 'late', '{}')");
  for (int i = 1; i <= 30; ++i) {
    emit(url, i, i);
    ASSERT_TRUE(journal.wait_for(static_cast<std::size_t>(i)));
  }
  late.commit();
  ASSERT_TRUE(journal.wait_for(31));
  EXPECT_EQ(journal.all().back().row.key, "late");
  ASSERT_TRUE(host.wait_until_drained());
  EXPECT_EQ(journal.size(), 31u);
}

}  // namespace
}  // namespace observerd::source
