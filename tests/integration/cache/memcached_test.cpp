#include "fixture.hpp"
#include "support/cache_servers.hpp"
#include "support/command_server.hpp"
#include "support/tcp_client.hpp"

/// What is done to a real memcached.
namespace observerd::testing {
namespace {

class CacheMemcached : public CacheTest {
 protected:
  void SetUp() override {
    if (!MemcachedServer::is_there()) GTEST_SKIP() << "memcached is not installed";
    server_ = std::make_unique<MemcachedServer>();
    open(cache_settings("memcached", server_->address()));
  }
  MemcachedServer& server() { return *server_; }
  void set(const std::string& key) { EXPECT_EQ(server().ask("ms " + key + " 1\r\nx"), "HD"); }
  bool has(const std::string& key) { return server().ask("mg " + key) == "HD"; }

 private:
  std::unique_ptr<MemcachedServer> server_;
};

TEST_F(CacheMemcached, InvalidateRemovesKeysAndAMissingOneIsSuccess) {
  set("order:7");
  set("order:8");
  EXPECT_EQ(summary(cache().deliver(R"({"keys": ["order:{{ id }}", "nobody"]})",
                                    rendered(R"({"keys": ["order:7", "nobody"]})"))),
            "delivered");
  EXPECT_FALSE(has("order:7"));
  EXPECT_TRUE(has("order:8"));
}

TEST_F(CacheMemcached, ATagIsANamespaceWhoseCounterGoesUp) {
  EXPECT_EQ(summary(deliver(R"({"tags": ["shop"]})")), "delivered");
  const auto counter = [&] {
    TcpClient client(server().port());
    client.send("mg tag:shop v\r\n");
    client.read_until("\r\n");
    return std::stoll(client.read_until("\r\n"));
  };
  const auto first = counter();
  EXPECT_GT(first, 1'600'000'000'000) << "begins with the time, so that no old name comes back";
  EXPECT_EQ(summary(deliver(R"({"tags": ["shop"]})")), "delivered");
  EXPECT_EQ(counter(), first + 1);
  EXPECT_EQ(server().ask("ms tag:text 1\r\nx"), "HD");
  EXPECT_EQ(summary(deliver(R"({"tags": ["text"]})")), "rejected memcached_not_a_number");
}

TEST_F(CacheMemcached, RefreshWritesTheValueOrMarksAsStale) {
  EXPECT_EQ(summary(deliver(R"({"operation": "refresh", "keys": ["k"], "value": "new",)"
                            R"( "ttl": "1h"})")),
            "delivered");
  EXPECT_EQ(server().ask("mg k s t").substr(0, 9), "HD s3 t36");
  EXPECT_EQ(summary(deliver(R"({"operation": "refresh", "keys": ["k"], "ttl": "30s"})")),
            "delivered");
  const std::string stale = server().ask("mg k s");
  EXPECT_NE(stale.find(" W"), std::string::npos) << stale << ": the first to ask renews it";
  EXPECT_NE(stale.find(" X"), std::string::npos) << stale << ": and is told that it is stale";
}

TEST_F(CacheMemcached, ATimeToLiveBeyondThirtyDaysIsNoMomentOfThePast) {
  EXPECT_EQ(summary(deliver(R"({"operation": "refresh", "keys": ["k"], "value": "v",)"
                            R"( "ttl": "60d"})")),
            "delivered");
  const std::string ttl = server().ask("mg k t");
  EXPECT_NEAR(std::stod(ttl.substr(4)), 60 * 86'400, 100) << ttl;
}

TEST_F(CacheMemcached, AKeyThatItWouldMisreadIsADeadLetterAndHarmsNoOther) {
  set("k1");
  set("k2");
  const auto results = cache().deliver_all(
      R"({"keys": ["{{ k }}"]})",
      {rendered(R"({"keys": ["k1"]})"), rendered(R"({"keys": ["a\r\nflush_all"]})"),
       rendered(R"({"keys": ["with space"]})"),
       rendered(R"({"keys": [")" + std::string(251, 'k') + "\"]}"),
       rendered(R"({"keys": ["k3"]})")});
  const char* const expected[] = {"delivered", "rejected cache_bad_key", "rejected cache_bad_key",
                                  "rejected cache_bad_key", "delivered"};
  for (std::size_t i = 0; i < results.size(); ++i) EXPECT_EQ(summary(results[i]), expected[i]);
  EXPECT_FALSE(has("k1"));
  EXPECT_TRUE(has("k2"));
}

TEST_F(CacheMemcached, AValueThatIsTooLargeIsADeadLetterAndHarmsNoOther) {
  const auto value = [](std::size_t size) {
    return rendered(R"({"value": ")" + std::string(size, 'x') + "\"}");
  };
  const auto results =
      cache().deliver_all(R"({"operation": "refresh", "keys": ["k"], "value": "{{ v }}"})",
                          {value(10), value(3'000'000), value(20)});
  EXPECT_EQ(summary(results[0]), "delivered");
  EXPECT_EQ(summary(results[1]), "rejected memcached_too_large");
  EXPECT_EQ(summary(results[2]), "delivered");
  EXPECT_EQ(server().ask("mg k s"), "HD s20");
}

TEST_F(CacheMemcached, EveryServerIsToldBecauseOnlyTheApplicationKnowsWhichHasAKey) {
  MemcachedServer other;
  open(R"({"allow_addresses": ["127.0.0.0/8"], "flavour": "memcached", "servers": [")" +
       server().address() + R"(", ")" + other.address() + R"("]})");
  set("k");
  EXPECT_EQ(other.ask("ms k 1\r\nx"), "HD");
  EXPECT_EQ(summary(deliver(R"({"keys": ["k"]})")), "delivered");
  EXPECT_FALSE(has("k"));
  EXPECT_EQ(other.ask("mg k"), "EN");
  EXPECT_EQ(
      cache().bind_problems(R"({"operation": "refresh", "keys": ["k"], "value": "v"})").size(), 1u);
  other.kill();
  set("k");
  EXPECT_EQ(summary(deliver(R"({"keys": ["k"]})")), "retry connection_refused");
  EXPECT_FALSE(has("k")) << "the one that is there was told";
}

TEST_F(CacheMemcached, TheLoginIsUsedAndAWrongOneIsAMisconfiguration) {
  MemcachedServer closed({}, "shop:pa55");
  const auto with = [&](const std::string& password) {
    open(cache_settings(
        "memcached", closed.address(),
        password.empty() ? "" : R"(, "username": "shop", "password": ")" + password + "\""));
    return summary(deliver(R"({"keys": ["k"]})"));
  };
  EXPECT_EQ(with("pa55"), "delivered");
  EXPECT_EQ(probe(R"({"keys": ["k"]})"), "");
  EXPECT_EQ(with("wrong"), "misconfigured memcached_auth");
  EXPECT_EQ(with(""), "misconfigured memcached_auth");
  EXPECT_NE(probe(R"({"keys": ["k"]})").find("memcached_auth"), std::string::npos);
}

TEST_F(CacheMemcached, ARestartedServerIsDialledAnew) {
  EXPECT_EQ(summary(deliver(R"({"keys": ["k"]})")), "delivered");
  server().restart();
  set("k");
  EXPECT_EQ(summary(deliver(R"({"keys": ["k"]})")), "delivered");
  EXPECT_FALSE(has("k"));
}

TEST_F(CacheMemcached, APreviewShowsTheCommands) {
  const std::string text = cache().preview(
      R"({"operation": "refresh", "keys": ["k"], "value": "v", "ttl": "5m"})", rendered("{}"));
  EXPECT_EQ(text, "# " + server().address() + "\nms k 1 T300\nv\n");
}

/// A server that answers every line so.
class CacheMemcachedFaults : public CacheTest {
 protected:
  std::string answered(CommandReply reply, Milliseconds deadline = std::chrono::seconds(20)) {
    const CommandServer server(CommandServer::Protocol::Lines,
                               [&](const std::vector<std::string>&) { return reply; });
    open(cache_settings("memcached", server.address()));
    return summary(deliver(R"({"keys": ["k"]})", deadline));
  }
};

TEST_F(CacheMemcachedFaults, EachAnswerHasItsMeaning) {
  using Then = CommandReply::Then;
  EXPECT_EQ(answered({"NF\r\n"}), "delivered");
  EXPECT_EQ(answered({"NS\r\n"}), "retry memcached_not_stored");
  EXPECT_EQ(answered({"SERVER_ERROR out of memory storing object\r\n"}),
            "retry memcached_out_of_memory");
  EXPECT_EQ(answered({"SERVER_ERROR something\r\n"}), "retry memcached_server_error");
  EXPECT_EQ(answered({"ERROR Too many open connections\r\n"}), "retry memcached_max_clients");
  EXPECT_EQ(answered({"ERROR\r\n"}), "misconfigured memcached_unknown_command");
  EXPECT_EQ(answered({"CLIENT_ERROR bad data chunk\r\n"}), "rejected memcached_client_error");
  EXPECT_EQ(answered({"+OK\r\n"}), "retry malformed_answer");
  EXPECT_EQ(answered({std::string(10'000, 'x')}), "retry malformed_answer") << "an endless line";
  EXPECT_EQ(answered({"H", {}, Then::Close}), "retry connection_reset");
  EXPECT_EQ(answered({"H", {}, Then::Reset}), "retry connection_reset");
  EXPECT_EQ(answered({""}, Milliseconds(200)), "retry timeout");
}

}  // namespace
}  // namespace observerd::testing
