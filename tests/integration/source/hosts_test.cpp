#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "test_host.hpp"

/// Several hosts that share the shards.
namespace observerd::source {
namespace {

using ::testing::HasSubstr;
using testing::run_sql;
using testing::scalar;

void emit(const std::string& url, int from, int to) {
  run_sql(url, "SELECT observer.emit('Note', i::text, '{}') FROM generate_series(" +
                   std::to_string(from) + ", " + std::to_string(to) + ") AS i");
}

class Hosts : public ::testing::Test {
 protected:
  std::unique_ptr<TestHost> make() {
    TestHost::Behaviour behaviour;
    behaviour.settle_within = Milliseconds(5);
    return std::make_unique<TestHost>(url_, ++made_, journal_, behaviour);
  }
  /// Takeovers so far: what flapping would show in.
  int takeovers() {
    return std::stoi(
        scalar(url_, "SELECT count(*) FROM observer.ledger WHERE takeover AND epoch > 0"));
  }

  const std::string url_ = testing::fresh_database();
  Journal journal_;
  int made_ = 0;
};

std::vector<int> owned(const std::vector<std::unique_ptr<TestHost>>& hosts) {
  std::vector<int> counts;
  for (const auto& host : hosts) counts.push_back(host->owned());
  std::sort(counts.begin(), counts.end());
  return counts;
}

TEST_F(Hosts, ShareTheShardsEvenlyAsTheyComeAndGo) {
  std::vector<std::unique_ptr<TestHost>> hosts;
  const auto settle_at = [&](const std::vector<int>& counts) {
    ASSERT_TRUE(eventually([&] { return owned(hosts) == counts; }));
    // Nothing moves any more: several looks of everybody later it is the same.
    const int before = takeovers();
    std::this_thread::sleep_for(Milliseconds(300));
    EXPECT_EQ(owned(hosts), counts);
    EXPECT_EQ(takeovers(), before) << "it flaps";
  };
  hosts.push_back(make());
  settle_at({4});
  hosts.push_back(make());
  settle_at({2, 2});
  hosts.push_back(make());
  settle_at({1, 1, 2});
  hosts.push_back(make());
  hosts.push_back(make());
  settle_at({0, 1, 1, 1, 1});
  hosts.erase(hosts.begin());
  settle_at({1, 1, 1, 1});
  hosts.erase(hosts.begin(), hosts.begin() + 2);
  settle_at({2, 2});
  hosts.erase(hosts.begin() + 1);
  settle_at({4});
}

TEST_F(Hosts, AShardGivenToANewcomerIsSettledFirstAndNothingComesTwice) {
  const auto first = make();
  ASSERT_TRUE(first->wait_until_owned(4));
  std::atomic<bool> writing{true};
  int sent = 0;
  std::thread writer([&] {
    for (; writing; ++sent) emit(url_, sent, sent);
  });
  std::vector<std::unique_ptr<TestHost>> others;
  for (int i = 0; i < 2; ++i) {
    others.push_back(make());
    ASSERT_TRUE(eventually([&] { return others.back()->owned() > 0; }));
  }
  others.clear();  // abrupt, so that what it had not settled may come again
  ASSERT_TRUE(first->wait_until_owned(4));
  writing = false;
  writer.join();
  ASSERT_TRUE(first->wait_until_drained());
  std::set<std::int64_t> ids;
  std::size_t twice_of_first = 0;
  for (const Seen& seen : journal_.all()) {
    const bool again = !ids.insert(seen.row.id).second;
    EXPECT_FALSE(seen.after_settled) << seen.row.id;
    if (again && seen.host != 1) ++twice_of_first;
  }
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(sent));
  EXPECT_EQ(twice_of_first, 0u) << "what the first host had under way was not settled";
  EXPECT_EQ(first->last_failure().message(), "");
}

TEST_F(Hosts, AHandoverDoesNotWaitForEverForWhatIsUnderWay) {
  Options options;
  options.database.url = url_;
  options.handover_timeout = Milliseconds(50);
  options.balance_interval = Milliseconds(20);
  TestHost stuck(options, ++made_, journal_);
  ASSERT_TRUE(stuck.wait_until_owned(4));
  stuck.hold_settling(true);
  emit(url_, 1, 40);
  ASSERT_TRUE(journal_.wait_for(40));
  const auto other = make();
  ASSERT_TRUE(eventually([&] { return stuck.owned() == 2 && other->owned() == 2; }));
  ASSERT_TRUE(eventually([&] { return journal_.size() > 40; })) << "they come again";
}

TEST_F(Hosts, OneThatHoldsOffReadsNothingAndDoesNotCount) {
  const auto first = make();
  const auto second = make();
  ASSERT_TRUE(eventually([&] { return first->owned() == 2 && second->owned() == 2; }));
  first->source().hold_off("another configuration is active");
  ASSERT_TRUE(second->wait_until_owned(4));
  EXPECT_EQ(first->owned(), 0);
  ASSERT_TRUE(eventually([&] {
    const auto shards = first->source().shards();
    return std::all_of(shards.begin(), shards.end(), [](const ShardState& each) {
      return each.error == "another configuration is active" && !each.elsewhere;
    });
  }));
  emit(url_, 1, 20);
  ASSERT_TRUE(journal_.wait_for(20));
  for (const Seen& seen : journal_.all()) EXPECT_EQ(seen.host, 2);
  first->source().go_on();
  ASSERT_TRUE(eventually([&] { return first->owned() == 2 && second->owned() == 2; }));
}

TEST_F(Hosts, MayHoldOffFromTheStart) {
  Options options;
  options.database.url = url_;
  options.balance_interval = Milliseconds(20);
  TestHost host(options, 1, journal_);
  host.source().hold_off("wait");
  ASSERT_TRUE(eventually([&] { return host.source().shards()[0].error == "wait"; }));
  ASSERT_TRUE(eventually([&] { return host.owned() == 0; }));
  host.source().go_on();
  ASSERT_TRUE(host.wait_until_owned(4));
}

TEST_F(Hosts, ThoseOfOthersAreNoProblem) {
  const auto first = make();
  ASSERT_TRUE(first->wait_until_owned(4));
  const auto second = make();
  ASSERT_TRUE(eventually([&] { return first->owned() == 2 && second->owned() == 2; }));
  ASSERT_TRUE(eventually([&] {
    const auto shards = second->source().shards();
    return std::count_if(shards.begin(), shards.end(), [](const ShardState& each) {
             return !each.owned && each.elsewhere && each.error == "another host reads this shard";
           }) == 2;
  }));
}

TEST_F(Hosts, OneWhoseCoordinatorIsCutOffGoesOnReading) {
  const auto first = make();
  const auto second = make();
  ASSERT_TRUE(eventually([&] { return first->owned() == 2 && second->owned() == 2; }));
  const int before = takeovers();
  run_sql(url_,
          "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND "
          "objid = 3000000 AND database = (SELECT oid FROM pg_database WHERE datname = "
          "current_database())");
  emit(url_, 1, 40);
  ASSERT_TRUE(journal_.wait_for(40));
  ASSERT_TRUE(eventually([&] {
    return scalar(url_,
                  "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 3000000 "
                  "AND database = (SELECT oid FROM pg_database WHERE datname = "
                  "current_database())") == "2";
  }));
  std::this_thread::sleep_for(Milliseconds(200));
  EXPECT_EQ(first->owned(), 2);
  EXPECT_EQ(second->owned(), 2);
  EXPECT_EQ(takeovers(), before);
}

}  // namespace
}  // namespace observerd::source
