#include "fixture.hpp"
#include "support/redis_server.hpp"

/// A real cluster of three masters.
namespace observerd::testing {
namespace {

class CacheCluster : public CacheTest {
 protected:
  void SetUp() override {
    if (!RedisServer::is_there()) GTEST_SKIP() << "redis-server and redis-cli are not installed";
    if (cluster_ == nullptr) cluster_ = std::make_unique<RedisCluster>();
    for (std::size_t i = 0; i < cluster_->size(); ++i) cluster_->node(i).ask({"FLUSHALL"});
    open(cache_settings("redis", cluster_->node(0).address(), R"(, "cluster": true)"));
  }
  static void TearDownTestSuite() { cluster_.reset(); }
  RedisCluster& cluster() { return *cluster_; }
  /// For a test that leaves it in pieces.
  void give_up_cluster() { cluster_.reset(); }
  void set(const std::string& key) { EXPECT_EQ(cluster().ask({"SET", key, "x"}), "OK"); }
  bool has(const std::string& key) { return cluster().ask({"EXISTS", key}) == "1"; }
  std::size_t keys_in_all() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < cluster().size(); ++i) {
      count += std::stoul(cluster().node(i).ask({"DBSIZE"}));
    }
    return count;
  }
  double redirections(const std::string& kind) {
    return cache().services().metric_sum("redirections_total{kind=" + kind + "}");
  }

 private:
  // It takes more than two seconds until a new one takes commands.
  static inline std::unique_ptr<RedisCluster> cluster_;
};

TEST_F(CacheCluster, KeysPatternsTagsAndValuesReachEveryNode) {
  for (int i = 0; i < 12; ++i) set("k:" + std::to_string(i));
  for (int i = 0; i < 12; ++i) set("t:" + std::to_string(i));
  cluster().ask({"SADD", "tag:all", "t:0", "t:1", "t:2", "t:3", "t:4", "t:5", "t:6", "t:7"});
  EXPECT_EQ(summary(deliver(R"({"keys": ["k:0", "k:1", "k:2", "k:3", "nobody"]})")), "delivered");
  EXPECT_EQ(keys_in_all(), 21u);
  EXPECT_EQ(summary(deliver(R"({"key_pattern": "k:*"})")), "delivered");
  EXPECT_EQ(keys_in_all(), 13u);
  EXPECT_EQ(summary(deliver(R"({"tags": ["all"]})")), "delivered");
  EXPECT_EQ(keys_in_all(), 4u) << "the set of the tag is gone too";
  EXPECT_TRUE(has("t:8"));
  EXPECT_EQ(redirections("moved"), 0) << "each key went to its own node";
  EXPECT_EQ(probe(R"({"keys": ["k"]})"), "");

  EXPECT_EQ(summary(deliver(R"({"operation": "refresh", "keys": ["a", "b", "c"], "value": "v",)"
                            R"( "ttl": "1h"})")),
            "delivered");
  EXPECT_EQ(keys_in_all(), 7u);
  EXPECT_EQ(cluster().ask({"GET", "b"}), "v");
  EXPECT_EQ(summary(deliver(R"({"operation": "publish", "channel": "c", "value": "v"})")),
            "delivered");
}

TEST_F(CacheCluster, ASlotThatMovesWhileRunningIsFollowedWithAskAndThenMoved) {
  const std::string here = "{user}:1";
  const std::string moved = "{user}:2";
  const std::size_t to = (cluster().owner_of(here) + 1) % cluster().size();
  set(here);
  set(moved);
  EXPECT_EQ(summary(deliver(R"({"keys": ["unrelated"]})")), "delivered") << "the slots are known";
  cluster().begin_move(moved, to);
  cluster().move_key(moved, to);
  EXPECT_EQ(summary(deliver(R"({"keys": ["{user}:1", "{user}:2"]})")), "delivered");
  EXPECT_GE(redirections("ask"), 1);
  EXPECT_EQ(keys_in_all(), 0u);
  EXPECT_EQ(redirections("moved"), 0);

  cluster().end_move(moved, to);
  set(here);
  const auto results = cache().deliver_all(
      R"({"keys": ["{{ k }}"]})",
      {rendered(R"({"keys": ["{user}:1"]})"), rendered(R"({"keys": ["other"]})")});
  for (const auto& result : results) EXPECT_EQ(summary(result), "delivered");
  EXPECT_EQ(redirections("moved"), 1);
  EXPECT_EQ(keys_in_all(), 0u);
  EXPECT_EQ(summary(deliver(R"({"keys": ["{user}:1"]})")), "delivered");
  EXPECT_EQ(redirections("moved"), 1) << "the slots were asked for anew";
}

TEST_F(CacheCluster, ANodeThatIsDownHarmsOnlyWhatIsOnIt) {
  std::vector<std::string> keys = {"a", "b", "c", "d", "e", "f", "g", "h"};
  const std::size_t down = cluster().owner_of("a");
  std::vector<Delivery> batch;
  std::vector<bool> is_lost;
  for (const std::string& key : keys) {
    is_lost.push_back(cluster().owner_of(key) == down);
    batch.push_back(rendered(R"({"keys": [")" + key + "\"]}"));
  }
  EXPECT_EQ(summary(deliver(R"({"keys": ["a"]})")), "delivered");
  cluster().node(down).kill();
  const auto results = cache().deliver_all(R"({"keys": ["{{ k }}"]})", batch);
  for (std::size_t i = 0; i < results.size(); ++i) {
    EXPECT_EQ(summary(results[i]), is_lost[i] ? "retry connection_refused" : "delivered") << i;
  }
  give_up_cluster();
}

TEST_F(CacheCluster, TheSettingsMustSayWhetherItIsOne) {
  const std::size_t owner = cluster().owner_of("k");
  open(cache_settings("redis", cluster().node((owner + 1) % 3).address()));
  const auto result = deliver(R"({"keys": ["k"]})");
  EXPECT_EQ(summary(result), "misconfigured redis_moved");
  EXPECT_NE(result.message.find("\"cluster\": true"), std::string::npos);

  RedisServer single;
  open(cache_settings("redis", single.address(), R"(, "cluster": true)"));
  EXPECT_EQ(summary(deliver(R"({"keys": ["k"]})")), "misconfigured redis_err");
}

}  // namespace
}  // namespace observerd::testing
