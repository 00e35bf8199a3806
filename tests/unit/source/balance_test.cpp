#include "source/balance.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <random>

namespace observerd::source {
namespace {

TEST(Balance, SharesDifferByOneAtMostAndAddUp) {
  for (int shards = 1; shards <= 20; ++shards) {
    for (std::size_t hosts = 1; hosts <= 25; ++hosts) {
      int sum = 0;
      for (std::size_t rank = 0; rank < hosts; ++rank) {
        const int share = share_of(rank, hosts, shards);
        EXPECT_GE(share, shards / static_cast<int>(hosts));
        EXPECT_LE(share, shards / static_cast<int>(hosts) + 1);
        sum += share;
      }
      EXPECT_EQ(sum, shards) << hosts << " hosts";
    }
  }
}

TEST(Balance, AHostThatIsNotWillingWantsNothing) {
  EXPECT_EQ(balance({{10, 20}, 30, {}}, {{true, true, false}, {}}),
            std::vector<bool>({false, false}));
  EXPECT_EQ(balance({{}, 30, {}}, {{true, true, false}}), std::vector<bool>({false}));
}

TEST(Balance, GivesBackWhatItHasNotGotYetFirst) {
  const std::vector<Claim> claims{
      {true, false, false}, {true, true, false}, {true, true, false}, {}};
  EXPECT_EQ(balance({{1, 2}, 1, {1, 2, 3}}, claims), std::vector<bool>({false, true, true, false}));
}

TEST(Balance, LetsGoOfWhatAnotherHostHas) {
  EXPECT_EQ(balance({{1}, 1, {0}}, {{true, false, true}, {}}), std::vector<bool>({false, true}));
}

/// Hosts that come and go at random, each looking when it likes, with readers that get a shard
/// only when nobody has it.
class Cluster {
 public:
  Cluster(int shards, unsigned seed) : random_(seed), owner_(static_cast<std::size_t>(shards), 0) {}

  void come() { hosts_[++last_pid_].resize(owner_.size()); }
  void go() {
    if (hosts_.size() < 2) return;
    const auto host = std::next(hosts_.begin(), static_cast<long>(random_() % hosts_.size()));
    for (int& owner : owner_) owner = owner == host->first ? 0 : owner;
    hosts_.erase(host);
  }
  /// One host looks and acts; true when it changed anything.
  bool look() {
    const auto host = std::next(hosts_.begin(), static_cast<long>(random_() % hosts_.size()));
    const int pid = host->first;
    Roster roster;
    for (const auto& each : hosts_) roster.hosts.push_back(each.first);
    roster.own = pid;
    std::vector<Claim> claims;
    for (std::size_t shard = 0; shard < owner_.size(); ++shard) {
      if (owner_[shard] != 0) roster.held.insert(static_cast<int>(shard));
      const bool wanted = host->second[shard];
      claims.push_back(
          {wanted, owner_[shard] == pid, wanted && owner_[shard] != 0 && owner_[shard] != pid});
    }
    const std::vector<bool> wanted = balance(roster, claims);
    bool changed = false;
    for (std::size_t shard = 0; shard < owner_.size(); ++shard) {
      if (wanted[shard] && owner_[shard] == 0 && random_() % 4 != 0) {
        owner_[shard] = pid;  // else its reader is slow, and another may come first
        changed = true;
      }
      if (!wanted[shard] && owner_[shard] == pid) {
        owner_[shard] = 0;
        changed = true;
      }
    }
    host->second = wanted;
    return changed;
  }
  bool even() const {
    std::vector<int> counts;
    for (const auto& host : hosts_) {
      counts.push_back(static_cast<int>(std::count(owner_.begin(), owner_.end(), host.first)));
    }
    const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
    return *most - *least <= 1 &&
           std::accumulate(counts.begin(), counts.end(), 0) == static_cast<int>(owner_.size());
  }
  const std::vector<int>& owners() const { return owner_; }

 private:
  std::minstd_rand random_;
  std::vector<int> owner_;  // pid, 0: free
  std::map<int, std::vector<bool>> hosts_;
  int last_pid_ = 100;
};

TEST(Balance, HostsThatComeAndGoSettleEvenlyAndStayThere) {
  std::minstd_rand random(7);
  for (int shards : {1, 2, 4, 5, 7, 16}) {
    Cluster cluster(shards, static_cast<unsigned>(shards));
    cluster.come();
    for (int turn = 0; turn < 60; ++turn) {
      random() % 2 == 0 ? cluster.come() : cluster.go();
      for (int i = 0; i < 800; ++i) cluster.look();
      ASSERT_TRUE(cluster.even()) << shards << " shards, turn " << turn;
      for (int i = 0; i < 100; ++i) ASSERT_FALSE(cluster.look()) << "it flaps";
    }
  }
}

TEST(Balance, ANewcomerMovesNoMoreThanItsShare) {
  Cluster cluster(7, 1);
  for (int hosts = 1; hosts <= 6; ++hosts) {
    const std::vector<int> before = cluster.owners();
    cluster.come();
    for (int i = 0; i < 800; ++i) cluster.look();
    int moved = 0;
    for (std::size_t shard = 0; shard < before.size(); ++shard) {
      moved += before[shard] != 0 && before[shard] != cluster.owners()[shard] ? 1 : 0;
    }
    EXPECT_LE(moved, 7 / hosts) << hosts << " hosts";
  }
}

}  // namespace
}  // namespace observerd::source
