#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

#include "test_host.hpp"

/// Writers of every kind against hosts that die at random, checked against what the database says
/// was committed. OBSERVERD_TORTURE_SECONDS and OBSERVERD_TORTURE_WRITERS make it longer and wider,
/// OBSERVERD_TORTURE_SEED repeats one (as far as threads repeat).
namespace observerd::source {
namespace {

using testing::run_sql;
using testing::scalar;

constexpr int kAccounts = 40;

int setting(const char* name, int fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::atoi(text);
}

/// One application session after the other, each doing transactions of all kinds.
class Writer {
 public:
  Writer(std::string url, int number, std::uint32_t seed)
      : url_(std::move(url)), number_(number), random_(seed), thread_([this] { run(); }) {}
  ~Writer() {
    ending_ = true;
    thread_.join();
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

 private:
  void run() {
    while (!ending_) {
      try {
        pqxx::connection connection(url_);
        const pqxx::quiet_errorhandler quiet(connection);
        pqxx::nontransaction session(connection);
        session.exec("SET lock_timeout = '1s'; SET observer.notify = 'on'");
        while (!ending_) one(session);
      } catch (const std::exception&) {
        nap(20);  // a deadlock, a time-out, a crash: such is life
      }
    }
  }

  void one(pqxx::nontransaction& session) {
    switch (random_() % 10) {
      case 0:
      case 1:
        session.exec(update());
        break;
      case 2:
        several(session, "COMMIT");
        break;
      case 3:
        several(session, "ROLLBACK");
        break;
      case 4:
        session.exec("BEGIN; " + update() + "; SAVEPOINT a; " + update() + "; " + emit() +
                     "; ROLLBACK TO a; " + update() + "; SAVEPOINT b; " + update() +
                     "; RELEASE b; COMMIT");
        break;
      case 5:  // long
        session.exec("BEGIN; " + update());
        nap(static_cast<int>(random_() % 300));
        session.exec(emit() + "; COMMIT");
        break;
      case 6:
        prepared(session);
        break;
      case 7:
        session.exec("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM account");
        nap(static_cast<int>(random_() % 5));
        session.exec(update() + "; COMMIT");
        break;
      case 8:
        session.exec(emit());
        break;
      default:
        session.exec("UPDATE account SET n = n + 1 WHERE id % 7 = " +
                     std::to_string(random_() % 7));
    }
  }

  void several(pqxx::nontransaction& session, const char* end) {
    session.exec("BEGIN");
    for (int i = static_cast<int>(random_() % 4); i >= 0; --i) session.exec(update());
    session.exec(end);
  }

  void prepared(pqxx::nontransaction& session) {
    const std::string name = "'" + std::to_string(number_) + "_" + std::to_string(++count_) + "_" +
                             std::to_string(random_()) + "'";
    session.exec("BEGIN; SET LOCAL observer.notify = 'off'; " + update() + "; " + emit());
    session.exec("PREPARE TRANSACTION " + name);
    nap(static_cast<int>(random_() % 100));
    session.exec((random_() % 3 == 0 ? "ROLLBACK PREPARED " : "COMMIT PREPARED ") + name);
  }

  std::string update() {
    return "UPDATE account SET n = n + 1 WHERE id = " + std::to_string(1 + random_() % kAccounts);
  }
  std::string emit() {
    return "SELECT observer.emit('Note', '" + std::to_string(random_() % kAccounts) + "', '{}')";
  }
  void nap(int ms) const {
    if (!ending_) std::this_thread::sleep_for(Milliseconds(ms));
  }

  const std::string url_;
  const int number_;
  std::minstd_rand random_;
  int count_ = 0;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

class Torture : public ::testing::Test {
 protected:
  void run(int seconds, int crashes) {
    seed_ = static_cast<std::uint32_t>(setting("OBSERVERD_TORTURE_SEED", 0));
    if (seed_ == 0) seed_ = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed_));
    postgres::PrivateServerOptions options;
    options.settings = {"synchronous_commit = off", "max_prepared_transactions = 100",
                        "max_connections = 400", "deadlock_timeout = 20ms"};
    auto server = postgres::PrivateServer::create(options);
    ASSERT_TRUE(server.ok()) << server.status().to_string();
    url_ = (*server)->url();
    ASSERT_TRUE(postgres::migrate(*testing::connect(url_), testing::all_migrations(), 4).ok());
    make_accounts(url_, kAccounts);
    // Segments are reclaimed while the test runs, so what was committed is kept elsewhere.
    run_sql(url_,
            "CREATE TABLE archive (id bigint, xid xid8, key text, n int);"
            "CREATE FUNCTION archive() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO "
            "archive VALUES (NEW.id, NEW.xid, NEW.entity || NEW.key, coalesce((NEW.new_row->>'n')"
            "::int, 0)); RETURN NULL; END $$;"
            "CREATE TRIGGER archive AFTER INSERT ON observer.outbox FOR EACH ROW EXECUTE FUNCTION "
            "archive()");
    run_sql(url_, "CHECKPOINT");
    {
      std::vector<std::unique_ptr<Writer>> writers;
      for (int i = 0; i < setting("OBSERVERD_TORTURE_WRITERS", 24); ++i) {
        writers.push_back(std::make_unique<Writer>(url_, i, seed_ + 100 + i));
      }
      disturb(**server, seconds, crashes);
    }
    finish();
    check(crashes > 0);
  }

  std::unique_ptr<TestHost> make_host() {
    TestHost::Behaviour behaviour;
    behaviour.poll_interval = Milliseconds(50);
    behaviour.page_rows = 1 + static_cast<int>(random_() % 30);
    behaviour.settle_within = Milliseconds(random_() % 40);
    behaviour.seed = random_();
    behaviour.segment_bytes = 1;
    behaviour.maintenance_interval = Milliseconds(1 + random_() % 100);
    return std::make_unique<TestHost>(url_, ++hosts_made_, journal_, behaviour);
  }

  void disturb(postgres::PrivateServer& server, int seconds, int crashes) {
    random_.seed(seed_);
    std::array<std::unique_ptr<TestHost>, 2> hosts{make_host(), make_host()};
    const auto start = std::chrono::steady_clock::now();
    const auto length = std::chrono::seconds(seconds);
    int crashed = 0;
    while (std::chrono::steady_clock::now() - start < length) {
      std::this_thread::sleep_for(Milliseconds(50 + random_() % 200));
      const auto passed = std::chrono::steady_clock::now() - start;
      if (crashed < crashes && passed > length * (crashed + 1) / (crashes + 1)) {
        ++crashed;
        EXPECT_TRUE(server.restart(postgres::PrivateServer::Stop::Immediate).ok());
        continue;
      }
      std::unique_ptr<TestHost>& host = hosts[random_() % 2];
      switch (random_() % 5) {
        case 0:
          host.reset();
          host = make_host();
          break;
        case 1:
          terminate("host%");
          break;
        case 2:
          terminate("settler%");
          break;
        case 3:
          host->stall_flushes(true);
          terminate("host%");
          std::this_thread::sleep_for(Milliseconds(100));
          host->stall_flushes(false);
          break;
        default:
          terminate("host%", " ORDER BY random() LIMIT 1");
      }
      ++deaths_;
    }
  }

  void terminate(const std::string& application, const std::string& which = "") {
    try {
      run_sql(url_,
              "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity WHERE "
              "application_name LIKE '" +
                  application + "'" + which + ") AS victims");
    } catch (const std::exception&) {
      // The server has just crashed: they are dead already.
    }
  }

  /// Ends what writers left prepared, and lets one more host read to the end.
  void finish() {
    for (const auto& row : run_sql(url_, "SELECT gid FROM pg_prepared_xacts")) {
      run_sql(url_,
              (random_() % 2 == 0 ? "COMMIT PREPARED '" : "ROLLBACK PREPARED '") + row[0] + "'");
    }
    const std::unique_ptr<TestHost> host = make_host();
    ASSERT_TRUE(host->wait_until_drained());
  }

  void check(bool crashed) {
    using Identity = std::pair<std::int64_t, std::uint64_t>;
    std::map<Identity, std::pair<std::string, int>> committed;  // key and n; n 0 of emits
    for (const auto& row : run_sql(url_, "SELECT id, xid, key, n FROM archive")) {
      committed[{std::stoll(row[0]), std::stoull(row[1])}] = {row[2], std::stoi(row[3])};
    }
    std::set<std::pair<int, std::uint64_t>> before_crash;  // leases
    for (const auto& row : run_sql(url_,
                                   "SELECT shard, epoch FROM observer.ledger WHERE takeover "
                                   "AND written_at < pg_postmaster_start_time()")) {
      before_crash.emplace(std::stoi(row[0]), std::stoull(row[1]));
    }

    std::set<Identity> seen;
    std::map<std::string, int> newest;                                    // of first deliveries
    std::map<std::tuple<std::string, int, std::uint64_t>, int> of_lease;  // of all
    std::set<std::tuple<Identity, std::uint64_t>> under_lease;
    std::size_t repeats = 0, lost_by_crash = 0;
    for (const Seen& each : journal_.all()) {
      const Identity identity{each.row.id, each.row.xid};
      const auto event = committed.find(identity);
      if (event == committed.end()) {
        // Committed and lost again: only a crash does that, and only before it may it be seen.
        EXPECT_TRUE(crashed && before_crash.count({each.row.shard, each.lease}) > 0)
            << "invented: id " << each.row.id;
        ++lost_by_crash;
        continue;
      }
      EXPECT_TRUE(under_lease.emplace(identity, each.lease).second)
          << "id " << each.row.id << " twice under lease " << each.lease;
      EXPECT_FALSE(each.after_settled && !crashed) << "id " << each.row.id << " after settled";
      const auto& [key, n] = event->second;
      int& of_this_lease = of_lease[{key, each.row.shard, each.lease}];
      EXPECT_TRUE(n == 0 || n > of_this_lease) << key << " out of order, lease " << each.lease;
      of_this_lease = n;
      if (!seen.insert(identity).second) {
        ++repeats;
        continue;
      }
      EXPECT_TRUE(n == 0 || n > newest[key]) << key << " out of order";
      newest[key] = n;
    }
    for (const auto& [identity, event] : committed) {
      EXPECT_EQ(seen.count(identity), 1u) << "missing: id " << identity.first;
    }
    for (const auto& row : run_sql(url_, "SELECT 'Account' || id, n FROM account")) {
      EXPECT_EQ(newest[row[0]], std::stoi(row[1])) << row[0];
    }
    EXPECT_GT(committed.size(), 100u);
    std::printf(
        "%zu events committed, %zu repeats after %d deaths of readers, %zu seen and lost by a "
        "crash, %s takeovers, %s events left in the outbox, seed %u\n",
        committed.size(), repeats, deaths_, lost_by_crash,
        scalar(url_, "SELECT count(*) FROM observer.ledger WHERE takeover AND epoch > 0").c_str(),
        scalar(url_, "SELECT count(*) FROM observer.outbox").c_str(), seed_);
  }

  std::uint32_t seed_ = 0;
  std::minstd_rand random_;
  std::string url_;
  Journal journal_;
  int hosts_made_ = 0;
  int deaths_ = 0;
};

TEST_F(Torture, NothingIsMissingInventedOrOutOfOrderWhenReadersDie) {
  run(setting("OBSERVERD_TORTURE_SECONDS", 5), 0);
}

TEST_F(Torture, NothingIsMissingOrOutOfOrderWhenTheServerCrashes) {
  const int seconds = setting("OBSERVERD_TORTURE_SECONDS", 6);
  run(seconds, std::max(2, seconds / 6));
}

}  // namespace
}  // namespace observerd::source
