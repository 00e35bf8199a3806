#include "fixture.hpp"
#include "support/redis_server.hpp"
#include "support/tcp_client.hpp"

/// What is done to a real Redis.
namespace observerd::testing {
namespace {

class CacheRedis : public CacheTest {
 protected:
  void SetUp() override {
    if (!RedisServer::is_there()) GTEST_SKIP() << "redis-server and redis-cli are not installed";
    redis_ = std::make_unique<RedisServer>();
    open(cache_settings("redis", redis_->address()));
  }
  RedisServer& redis() { return *redis_; }
  void set(const std::string& key, const std::string& value = "x") {
    EXPECT_EQ(redis().ask({"SET", key, value}), "OK");
  }
  bool has(const std::string& key) { return redis().ask({"EXISTS", key}) == "1"; }

 private:
  std::unique_ptr<RedisServer> redis_;
};

TEST_F(CacheRedis, InvalidateRemovesTheKeysOfTheEvent) {
  set("order:7");
  set("order:7:lines");
  set("order:8");
  const auto result = cache().deliver(R"({"keys": ["order:{{ id }}", "order:{{ id }}:lines"]})",
                                      rendered(R"({"keys": ["order:7", "order:7:lines"]})"));
  EXPECT_EQ(summary(result), "delivered");
  EXPECT_EQ(redis().ask({"KEYS", "*"}), "order:8");
  EXPECT_EQ(cache().services().metric_sum("keys_total{operation=invalidate}"), 2);
}

TEST_F(CacheRedis, AMissingKeyIsSuccess) {
  EXPECT_EQ(summary(deliver(R"({"keys": ["nobody"]})")), "delivered");
}

TEST_F(CacheRedis, KeysMayHoldAnyBytes) {
  set("a b\r\nDEL c");
  set("c");
  EXPECT_EQ(summary(deliver(R"({"keys": ["a b\r\nDEL c"]})")), "delivered");
  EXPECT_EQ(redis().ask({"KEYS", "*"}), "c");
}

TEST_F(CacheRedis, APatternRemovesWhatMatchesAndNothingElse) {
  std::vector<std::string> words = {"MSET"};
  for (int i = 0; i < 3'000; ++i) words.insert(words.end(), {"user:7:" + std::to_string(i), "x"});
  redis().ask(words);
  set("user:77");
  set("user:8:1");
  EXPECT_EQ(summary(deliver(R"({"key_pattern": "user:7:*"})")), "delivered");
  EXPECT_EQ(redis().ask({"DBSIZE"}), "2");
  EXPECT_TRUE(has("user:77"));
}

TEST_F(CacheRedis, AValueInAPatternStandsForItself) {
  set("user:*:1");
  set("user:7:1");
  // What the host renders from "user:{{ name }}:*" when the name is "*".
  EXPECT_EQ(summary(cache().deliver(R"({"key_pattern": "user:{{ name }}:*"})",
                                    rendered(R"({"key_pattern": "user:\\*:*"})"))),
            "delivered");
  EXPECT_EQ(redis().ask({"KEYS", "*"}), "user:7:1");
}

TEST_F(CacheRedis, APatternThatBeginsWithAWildcardIsRefused) {
  for (const char* const pattern : {"*", "?", "*:7", "[a-z]*"}) {
    const auto problems =
        cache().bind_problems(R"({"key_pattern": ")" + std::string(pattern) + "\"}");
    ASSERT_EQ(problems.size(), 1u) << pattern;
    EXPECT_EQ(problems[0].substr(0, 13), "/key_pattern:");
  }
  set("precious");
  EXPECT_EQ(summary(cache().deliver(R"({"key_pattern": "{{ tenant }}*"})",
                                    rendered(R"({"key_pattern": "*"})"))),
            "rejected cache_bad_pattern");
  EXPECT_TRUE(has("precious"));
}

TEST_F(CacheRedis, APatternThatMatchesMoreThanTheLimitIsADeadLetter) {
  std::vector<std::string> words = {"MSET"};
  for (int i = 0; i < 200; ++i) words.insert(words.end(), {"k:" + std::to_string(i), "x"});
  redis().ask(words);
  open(cache_settings("redis", redis().address(), R"(, "scan_limit": 100)"));
  EXPECT_EQ(summary(deliver(R"({"key_pattern": "k:*"})")), "rejected cache_scan_limit");
}

TEST_F(CacheRedis, TagsRemoveTheKeysInTheirSet) {
  std::vector<std::string> members = {"SADD", "tag:product:7"};
  std::vector<std::string> words = {"MSET"};
  for (int i = 0; i < 1'500; ++i) {
    members.push_back("page:" + std::to_string(i));
    words.insert(words.end(), {members.back(), "x"});
  }
  redis().ask(words);
  redis().ask(members);
  set("page:other");
  EXPECT_EQ(summary(deliver(R"({"tags": ["product:7", "unknown"]})")), "delivered");
  EXPECT_EQ(redis().ask({"KEYS", "*"}), "page:other") << "the entries of the set are gone too";
}

TEST_F(CacheRedis, ATagThatIsNoSetIsADeadLetterWithItsOwnCode) {
  set("tag:t");
  EXPECT_EQ(summary(deliver(R"({"tags": ["t"]})")), "rejected redis_wrongtype");
  EXPECT_TRUE(has("tag:t"));
}

TEST_F(CacheRedis, RefreshWritesTheRenderedValueWithItsTimeToLive) {
  EXPECT_EQ(
      summary(cache().deliver(R"({"operation": "refresh", "keys": ["order:{{ id }}"], "ttl": "1h",)"
                              R"( "value": {"total": "{{ total }}"}})",
                              rendered(R"({"keys": ["order:7"], "value": {"total": 100.00}})"))),
      "delivered");
  EXPECT_EQ(redis().ask({"GET", "order:7"}), R"({"total":100.00})");
  const int ttl = std::stoi(redis().ask({"TTL", "order:7"}));
  EXPECT_GT(ttl, 3'500);
  EXPECT_LE(ttl, 3'600);
  EXPECT_EQ(summary(deliver(R"({"operation": "refresh", "keys": ["a", "b"], "value": "text"})")),
            "delivered");
  EXPECT_EQ(redis().ask({"MGET", "a", "b"}), "text\ntext");
  EXPECT_EQ(redis().ask({"TTL", "a"}), "-1");
}

TEST_F(CacheRedis, PublishReachesSubscribersWithTheEventUnlessTheActionSaysWhat) {
  TcpClient subscriber(redis().port());
  subscriber.send("SUBSCRIBE changes\r\n");
  subscriber.read_until(":1\r\n");
  EXPECT_EQ(summary(cache().deliver(
                R"({"operation": "publish", "channel": "changes", "value": "{{ id }}"})",
                rendered(R"({"value": "order 7"})"))),
            "delivered");
  EXPECT_NE(subscriber.read_until("order 7\r\n").find("message"), std::string::npos);
  EXPECT_EQ(summary(deliver(R"({"operation": "publish", "channel": "changes"})")), "delivered");
  EXPECT_NE(subscriber.read_until("}\r\n").find(R"("event_id":"e1")"), std::string::npos);
}

TEST_F(CacheRedis, ThePrefixStandsBeforeKeysPatternsAndTags) {
  open(cache_settings("redis", redis().address(), R"(, "key_prefix": "[shop]:")"));
  for (const char* const key : {"[shop]:a", "[shop]:u:1", "[shop]:t1", "a", "u:1", "s:u:1"}) {
    set(key);
  }
  redis().ask({"SADD", "[shop]:tag:t", "[shop]:t1"});
  EXPECT_EQ(summary(deliver(R"({"keys": ["a"], "key_pattern": "u:*", "tags": ["t"]})")),
            "delivered");
  EXPECT_EQ(redis().ask({"DBSIZE"}), "3");
  EXPECT_TRUE(has("a"));
  EXPECT_TRUE(has("u:1"));
  EXPECT_TRUE(has("s:u:1"));
}

TEST_F(CacheRedis, TheDatabaseIsTheOneOfTheSettings) {
  open(cache_settings("redis", redis().address(), R"(, "database": 3)"));
  redis().ask({"-n", "3", "SET", "k", "x"});
  set("k");
  EXPECT_EQ(summary(deliver(R"({"keys": ["k"]})")), "delivered");
  EXPECT_EQ(redis().ask({"-n", "3", "EXISTS", "k"}), "0");
  EXPECT_TRUE(has("k"));
}

TEST_F(CacheRedis, OneBadItemOfABatchDoesNotHarmTheOthers) {
  std::vector<Delivery> batch;
  std::vector<std::string> words = {"MSET", "tag:bad", "x"};
  for (int i = 0; i < 100; ++i) {
    words.insert(words.end(), {"k:" + std::to_string(i), "x"});
    batch.push_back(rendered(R"({"keys": ["k:)" + std::to_string(i) + "\"]}"));
  }
  redis().ask(words);
  batch[3] = rendered(R"({"keys": [""]})");
  batch[5] = rendered(R"({"tags": ["bad"], "keys": ["k:5"]})");
  batch[8] = rendered(R"({"key_pattern": "*"})");
  const auto results = cache().deliver_all(R"({"keys": ["{{ k }}"]})", batch);
  for (std::size_t i = 0; i < results.size(); ++i) {
    const char* const expected = i == 3   ? "rejected cache_bad_key"
                                 : i == 5 ? "rejected redis_wrongtype"
                                 : i == 8 ? "rejected cache_bad_pattern"
                                          : "delivered";
    EXPECT_EQ(summary(results[i]), expected) << i;
  }
  EXPECT_EQ(redis().ask({"DBSIZE"}), "3");
  EXPECT_TRUE(has("k:3"));
  EXPECT_TRUE(has("k:8"));
}

TEST_F(CacheRedis, ABatchGoesOverOneConnection) {
  std::vector<Delivery> batch(500, rendered(R"({"keys": ["k"]})"));
  for (const auto& result : cache().deliver_all(R"({"keys": ["{{ k }}"]})", batch)) {
    EXPECT_EQ(summary(result), "delivered");
  }
  EXPECT_EQ(cache().services().metric_sum("connections_total{use=new}"), 1);
  deliver(R"({"keys": ["k"]})");
  EXPECT_EQ(cache().services().metric_sum("connections_total{use=new}"), 1) << "it is kept";
}

TEST_F(CacheRedis, WrongSettingsAreExplained) {
  using Problems = std::vector<std::string>;
  const auto opening = [&](const std::string& more) {
    return ActionPlugin::open_problems("cache", cache_settings("redis", "r.example", more));
  };
  EXPECT_EQ(opening(R"(, "username": "shop")"), Problems{"/username: needs a password beside it"});
  EXPECT_EQ(opening(R"(, "cluster": true, "database": 1)"),
            Problems{"/database: a cluster has only database 0"});
  EXPECT_EQ(opening(R"(, "zone_id": "1", "proxy": "http://p.example:1")").size(), 2u);
  EXPECT_EQ(opening(R"(, "ca_file": "/etc/hostname")").size(), 1u);
  EXPECT_EQ(ActionPlugin::open_problems("cache", cache_settings("redis", "a b")),
            Problems{"/servers/0: is no HOST or HOST:PORT"});
  EXPECT_EQ(ActionPlugin::open_problems("cache", "{}"),
            Problems{"/servers: must name where the cache is"});
  EXPECT_EQ(cache().bind_problems("{}"),
            Problems{": invalidate with redis needs one of keys, key_pattern, tags"});
  EXPECT_EQ(cache().bind_problems(R"({"operation": "refresh", "keys": ["a"]})"),
            Problems{"/value: refresh writes it: say what"});
  EXPECT_EQ(cache().bind_problems(R"({"operation": "ban", "key_pattern": "/a*"})"),
            Problems{"/operation: redis has no ban; it has invalidate, refresh, publish"});
  EXPECT_EQ(cache().bind_problems(R"({"keys": ["a"], "urls": ["https://a.example/"]})"),
            Problems{"/urls: invalidate with redis has no use for it"});
}

TEST_F(CacheRedis, APreviewShowsTheCommandsAndNotThePassword) {
  open(cache_settings("redis", redis().address(), R"(, "password": "pa55", "database": 2)"));
  const std::string text =
      cache().preview(R"({"keys": ["a b"], "key_pattern": "u:*", "tags": ["t"]})", rendered("{}"));
  EXPECT_NE(text.find("AUTH ***\nSELECT 2\nUNLINK \"a b\"\nSCAN 0 MATCH u:* COUNT 1000\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("SSCAN tag:t 0 COUNT 500\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("pa55"), std::string::npos);
}

TEST_F(CacheRedis, TheProbeSaysWhetherItCanBeReached) {
  EXPECT_EQ(probe(R"({"keys": ["a"]})"), "");
  redis().kill();
  EXPECT_NE(probe(R"({"keys": ["a"]})").find("connection_refused"), std::string::npos);
}

}  // namespace
}  // namespace observerd::testing
