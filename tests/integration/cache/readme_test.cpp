#include <gtest/gtest.h>

#include <string>

#include "support/readme.hpp"
#include "support/redis_server.hpp"

namespace observerd::testing {
namespace {

/// The first examples of the plugin's README with a real Redis, in place of the one they name.
TEST(CacheReadme, TheExampleDoesWhatItSays) {
  if (!RedisServer::is_there()) GTEST_SKIP() << "redis-server and redis-cli are not installed";
  const auto examples = readme_blocks("cache");
  ASSERT_EQ(examples.size(), 2u);
  const RedisServer redis;
  const std::string theirs = "127.0.0.1:6379";
  std::string settings = examples[1];
  ASSERT_NE(settings.find(theirs), std::string::npos);
  settings.replace(settings.find(theirs), theirs.size(), redis.address());
  for (const char* key : {"order:7", "customer:3:page", "customer:4:page"}) {
    EXPECT_EQ(redis.ask({"SET", key, "x"}), "OK");
  }
  ReadmeTrial trial;
  trial.configure(settings);
  const std::string said =
      trial.sent({examples[0]}, R"({"kind": "insert", "entity": "Order", "id": "7",
                        "new": {"id": 7, "customer_id": 3}, "old": null})");
  EXPECT_NE(said.find("SCAN 0 MATCH customer:3:*"), std::string::npos) << said;
  EXPECT_EQ(redis.ask({"KEYS", "*"}), "customer:4:page") << said;
}

}  // namespace
}  // namespace observerd::testing
