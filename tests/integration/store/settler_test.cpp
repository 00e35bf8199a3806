#include "delivery/settler.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "integration/store/store_fixture.hpp"

namespace observerd::source {

/// What the in-test ledger writes: the ids that were settled.
struct LedgerFlush {
  std::vector<Settled> rows;
};

}  // namespace observerd::source

namespace observerd::store::tests {
namespace {

using delivery::Settlement;
using source::LedgerFlush;
using source::Settled;
using namespace std::chrono_literals;

/// A ledger that does no more than its contract: ids of held leases go into a table, a flush that
/// failed costs the leases it touched.
class TableLedger final : public source::Ledger {
 public:
  std::shared_ptr<LedgerFlush> prepare(std::span<const Settled> settled,
                                       std::vector<std::size_t>* dropped) override {
    const std::lock_guard lock(mutex_);
    ++prepared_;
    largest_ = std::max(largest_, settled.size());
    auto flush = std::make_shared<LedgerFlush>();
    for (std::size_t i = 0; i < settled.size(); ++i) {
      if (held(settled[i].shard, settled[i].lease)) {
        flush->rows.push_back(settled[i]);
      } else {
        dropped->push_back(i);
      }
    }
    return flush->rows.empty() ? nullptr : flush;
  }
  Status write(pqxx::transaction_base& transaction, const LedgerFlush& flush) override {
    {
      const std::lock_guard lock(mutex_);
      ++written_;
      if (std::exchange(refuse_next_, false)) {
        return Status::error(Code::LeaseLost, "another host has the shard");
      }
    }
    std::string ids;
    for (const Settled& row : flush.rows) {
      if (row.id != 0) ids += (ids.empty() ? "" : ",") + std::to_string(row.id);
    }
    transaction.exec_params0("INSERT INTO public.settled SELECT unnest($1::bigint[])",
                             "{" + ids + "}");
    return {};
  }
  void finish(const LedgerFlush& flush, const Status& outcome) override {
    const std::lock_guard lock(mutex_);
    ++finished_;
    if (outcome.ok()) return;
    for (const Settled& row : flush.rows) leases_.erase(row.shard);
  }
  bool holds(int shard, std::uint64_t lease) const override {
    const std::lock_guard lock(mutex_);
    return held(shard, lease);
  }

  void take(int shard, std::uint64_t lease) {
    const std::lock_guard lock(mutex_);
    leases_[shard] = lease;
  }
  void lose(int shard) {
    const std::lock_guard lock(mutex_);
    leases_.erase(shard);
  }
  void refuse_next() {
    const std::lock_guard lock(mutex_);
    refuse_next_ = true;
  }
  int prepared() const {
    const std::lock_guard lock(mutex_);
    return prepared_;
  }
  int written() const {
    const std::lock_guard lock(mutex_);
    return written_;
  }
  int finished() const {
    const std::lock_guard lock(mutex_);
    return finished_;
  }
  std::size_t largest() const {
    const std::lock_guard lock(mutex_);
    return largest_;
  }

 private:
  bool held(int shard, std::uint64_t lease) const {
    const auto found = leases_.find(shard);
    return found != leases_.end() && found->second == lease;
  }

  mutable std::mutex mutex_;
  std::map<int, std::uint64_t> leases_{{1, 10}, {2, 20}};
  bool refuse_next_ = false;
  int prepared_ = 0, written_ = 0, finished_ = 0;
  std::size_t largest_ = 0;
};

/// Collects what was reported or handed to done(), and lets a test wait for it.
class Outcomes {
 public:
  std::function<void(const Status&)> at(std::int64_t id) {
    return [this, id](const Status& status) {
      const std::lock_guard lock(mutex_);
      results_[id] = status;
      changed_.notify_all();
    };
  }
  void report(const Status& status) {
    const std::lock_guard lock(mutex_);
    reports_.push_back(status.to_string());
    changed_.notify_all();
  }
  bool wait_for(std::size_t results) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return results_.size() >= results; });
  }
  bool wait_for_report(const std::string& part) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 20s, [&] { return reported(part); });
  }
  Status operator[](std::int64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = results_.find(id);
    return found != results_.end() ? found->second : Status::error(Code::NoMatch, "not called");
  }

 private:
  bool reported(const std::string& part) const {
    return std::any_of(reports_.begin(), reports_.end(), [&](const std::string& text) {
      return text.find(part) != std::string::npos;
    });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::int64_t, Status> results_;
  std::vector<std::string> reports_;
};

class Settler : public StoreTest {
 protected:
  Settler() {
    rows("CREATE TABLE public.settled (id bigint PRIMARY KEY)");
    options_.database.url = url_;
  }
  void start() {
    settler_ = std::make_unique<delivery::Settler>(
        options_, ledger_, [this](const Status& status) { outcomes_.report(status); });
  }
  void submit(std::int64_t id, std::vector<Write> writes = {}, std::uint64_t lease = 10) {
    settler_->submit({1, lease, id, std::move(writes), outcomes_.at(id)});
  }
  Status flush() { return settler_->flush(20s); }
  std::string settled() {
    return scalar("SELECT coalesce(string_agg(id::text, ' ' ORDER BY id), '') FROM public.settled");
  }
  void kill_connection() {
    ASSERT_EQ(scalar("SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE"
                     " application_name = 'observerd settler' AND datname = current_database()"),
              "1");
  }

  TableLedger ledger_;
  Outcomes outcomes_;
  delivery::Settler::Options options_;
  std::unique_ptr<delivery::Settler> settler_;  // last: its thread uses the others
};

/// What no column takes: a constraint of ours refuses it.
LogEvent poison(int n) {
  return logged(make_event(n), "no such status");
}

TEST_F(Settler, WritesAndLedgerTakeEffectTogetherAndDoneComesAfter) {
  start();
  submit(1, {logged(make_event(1), "processed"), Park{make_parked(1)}});
  submit(2);
  ASSERT_TRUE(flush().ok());
  EXPECT_TRUE(outcomes_[1].ok());
  EXPECT_TRUE(outcomes_[2].ok());
  EXPECT_EQ(settled(), "1 2");
  EXPECT_EQ(schedule(), "1 due");
  EXPECT_EQ(settler_->backlog(), 0U);
  EXPECT_EQ(settler_->settled(), 2U);
}

TEST_F(Settler, ManySettlementsAreFewFlushes) {
  options_.max_settlements = 100;
  start();
  ASSERT_TRUE(flush().ok());
  for (int id = 1; id <= 1000; ++id) submit(id);
  ASSERT_TRUE(flush().ok());
  EXPECT_EQ(scalar("SELECT count(*) FROM public.settled"), "1000");
  EXPECT_LE(ledger_.largest(), 100U);
  EXPECT_LT(ledger_.written(), 500);
}

TEST_F(Settler, AFlushIsBoundedInBytes) {
  options_.max_bytes = 100'000;
  options_.flush_interval = 200ms;
  start();
  for (int id = 1; id <= 6; ++id) {
    Event event = make_event(id);
    event.new_text = "\"" + std::string(60'000, 'x') + "\"";
    submit(id, {logged(std::move(event), "processed")});
  }
  ASSERT_TRUE(flush().ok());
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.observer_events"), "6");
  EXPECT_EQ(ledger_.largest(), 1U);
}

TEST_F(Settler, DoesNothingWhenIdle) {
  options_.idle_interval = 30s;
  start();
  ASSERT_TRUE(flush().ok());
  const int looks = ledger_.prepared();
  std::this_thread::sleep_for(100ms);  // that nothing happens can only be seen by waiting
  EXPECT_LE(ledger_.prepared() - looks, 1);
  EXPECT_EQ(ledger_.written(), 0);
}

TEST_F(Settler, ALostLeaseDropsItsSettlementsOnly) {
  start();
  submit(1, {Park{make_parked(1)}});
  submit(2, {Park{make_parked(2)}}, 9);
  ASSERT_TRUE(flush().ok());
  EXPECT_TRUE(outcomes_[1].ok());
  EXPECT_EQ(outcomes_[2].code(), Code::LeaseLost);
  EXPECT_EQ(settled(), "1");
  EXPECT_EQ(schedule(), "1 due");
}

TEST_F(Settler, AFencedFlushWritesNothing) {
  start();
  ledger_.refuse_next();
  submit(1, {Bury{make_letter(1)}});
  ASSERT_TRUE(flush().ok());
  EXPECT_EQ(outcomes_[1].code(), Code::LeaseLost);
  EXPECT_EQ(settled(), "");
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.observer_dlq_items"), "0");
  submit(2);
  ASSERT_TRUE(flush().ok());
  EXPECT_EQ(outcomes_[2].code(), Code::LeaseLost) << "the lease went with the flush";
  ledger_.take(1, 11);
  submit(3, {}, 11);
  ASSERT_TRUE(flush().ok());
  EXPECT_TRUE(outcomes_[3].ok());
  EXPECT_EQ(ledger_.finished(), 2);
}

TEST_F(Settler, PoisonIsFiledAsABadRowAndTheRestIsWritten) {
  options_.flush_interval = 200ms;
  start();
  for (int id = 1; id <= 20; ++id) {
    if (id == 7 || id == 8 || id == 20) {
      submit(id, {Park{make_parked(id)}, poison(id)});
    } else {
      submit(id, {Park{make_parked(id, ParkState::Due, "")}});
    }
  }
  ASSERT_TRUE(flush().ok());
  for (int id = 1; id <= 20; ++id) EXPECT_TRUE(outcomes_[id].ok()) << id;
  EXPECT_EQ(scalar("SELECT count(*) FROM public.settled"), "20");
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.retries"), "17");
  EXPECT_EQ(scalar("SELECT string_agg(outbox_id::text, ' ' ORDER BY outbox_id)"
                   " FROM observer.bad_rows"),
            "7 8 20");
  EXPECT_EQ(scalar("SELECT row_text FROM observer.bad_rows WHERE outbox_id = 7"),
            event_json(make_event(7)));
  EXPECT_NE(scalar("SELECT reason FROM observer.bad_rows WHERE outbox_id = 7")
                .find("observer_events_status_check"),
            std::string::npos);
  EXPECT_TRUE(outcomes_.wait_for_report("OB020"));
}

TEST_F(Settler, PoisonousParkedWorkIsHeld) {
  apply_all({Park{make_parked(1)}, Park{make_parked(2, ParkState::Behind)}});
  start();
  submit(0, {unpark(make_parked(1)), poison(1)});
  ASSERT_TRUE(flush().ok());
  EXPECT_TRUE(outcomes_[0].ok());
  EXPECT_EQ(schedule(), "1 held, 2 behind");
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.bad_rows"), "0");
}

TEST_F(Settler, ARollbackThatIsNobodysFaultIsTriedAgainUnderTheSameLease) {
  start();
  ASSERT_TRUE(flush().ok());
  rows("ALTER TABLE observer.retries RENAME TO elsewhere");
  submit(1, {Park{make_parked(1)}});
  ASSERT_TRUE(outcomes_.wait_for_report("tried again"));
  rows("ALTER TABLE observer.elsewhere RENAME TO retries");
  ASSERT_TRUE(flush().ok());
  EXPECT_TRUE(outcomes_[1].ok());
  EXPECT_TRUE(ledger_.holds(1, 10));
  EXPECT_EQ(schedule(), "1 due");
}

TEST_F(Settler, TryingAgainEndsWithTheLease) {
  start();
  ASSERT_TRUE(flush().ok());
  rows("ALTER TABLE observer.retries RENAME TO elsewhere");
  submit(1, {Park{make_parked(1)}});
  ASSERT_TRUE(outcomes_.wait_for_report("tried again"));
  ledger_.lose(1);
  ASSERT_TRUE(outcomes_.wait_for(1));
  EXPECT_FALSE(outcomes_[1].ok());
}

TEST_F(Settler, ALostConnectionCostsTheLeaseAndIsMadeAgain) {
  start();
  ASSERT_TRUE(flush().ok());
  kill_connection();
  submit(1, {Park{make_parked(1)}});
  ASSERT_TRUE(outcomes_.wait_for(1));
  EXPECT_EQ(outcomes_[1].code(), Code::Database);
  EXPECT_FALSE(ledger_.holds(1, 10));
  ledger_.take(1, 11);
  submit(2, {Park{make_parked(2)}}, 11);
  ASSERT_TRUE(flush().ok());
  EXPECT_TRUE(outcomes_[2].ok());
  EXPECT_EQ(settled(), "2");
  EXPECT_EQ(schedule(), "2 due");
}

TEST_F(Settler, WithoutADatabaseLostLeasesAreHandedBackAndFlushSaysSo) {
  options_.database.url = "postgresql://nobody@127.0.0.1:1/none";
  start();
  ASSERT_TRUE(outcomes_.wait_for_report("OB009"));
  submit(1, {}, 9);
  ASSERT_TRUE(outcomes_.wait_for(1));
  EXPECT_EQ(outcomes_[1].code(), Code::LeaseLost);
  submit(2);
  EXPECT_EQ(settler_->flush(20ms).code(), Code::Storage);
  EXPECT_EQ(settler_->backlog(), 1U) << "its lease is still held";
  settler_->stop();
  EXPECT_EQ(outcomes_[2].code(), Code::Storage);
  EXPECT_EQ(settler_->backlog(), 0U);
}

TEST_F(Settler, StopWritesWhatIsThereAndRefusesWhatComesAfter) {
  options_.flush_interval = 10s;
  start();
  ASSERT_TRUE(flush().ok());
  for (int id = 1; id <= 5; ++id) submit(id);
  settler_->stop();
  EXPECT_EQ(settled(), "1 2 3 4 5");
  submit(6);
  EXPECT_EQ(outcomes_[6].code(), Code::Storage);
  EXPECT_EQ(settler_->flush(1s).code(), Code::Storage);
}

TEST_F(Settler, DoneMaySubmit) {
  start();
  settler_->submit({1, 10, 1, {}, [this](const Status&) { submit(2); }});
  ASSERT_TRUE(outcomes_.wait_for(1));
  EXPECT_EQ(settled(), "1 2");
}

TEST_F(Settler, TwoHostsBuryIntoOneQueue) {
  TableLedger other_ledger;
  delivery::Settler other(options_, other_ledger, {});
  start();
  std::thread second([&] {
    for (int id = 101; id <= 200; ++id) other.submit({2, 20, id, {Bury{make_letter(id)}}, {}});
  });
  for (int id = 1; id <= 100; ++id) submit(id, {Bury{make_letter(id)}});
  second.join();
  ASSERT_TRUE(flush().ok());
  ASSERT_TRUE(other.flush(20s).ok());
  EXPECT_EQ(scalar("SELECT count(*) FROM observer.observer_dlq_items"), "200");
  EXPECT_EQ(scalar("SELECT count(*) FROM public.settled"), "200");
}

TEST_F(Settler, SubmittersMayBeMany) {
  start();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 1; i <= 500; ++i) submit(t * 500 + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  ASSERT_TRUE(flush().ok());
  EXPECT_EQ(scalar("SELECT count(*) FROM public.settled"), "2000");
  EXPECT_EQ(settler_->settled(), 2000U);
}

}  // namespace
}  // namespace observerd::store::tests
