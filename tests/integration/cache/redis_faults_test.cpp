#include <thread>

#include "fixture.hpp"
#include "support/command_server.hpp"
#include "support/eventually.hpp"
#include "support/redis_server.hpp"

/// What goes wrong with Redis, and what it means for a delivery.
namespace observerd::testing {
namespace {

using std::chrono::milliseconds;
using Then = CommandReply::Then;

constexpr const char* kAction = R"({"keys": ["k"]})";

/// A server that answers by script.
class CacheRedisFaults : public CacheTest {
 protected:
  std::string answered(CommandReply reply, milliseconds deadline = std::chrono::seconds(20),
                       const std::string& action = kAction) {
    const CommandServer server(CommandServer::Protocol::Redis,
                               [&](const std::vector<std::string>&) { return reply; });
    open(cache_settings("redis", server.address()));
    return summary(deliver(action, deadline));
  }
};

TEST_F(CacheRedisFaults, EachErrorHasItsMeaning) {
  const struct {
    const char* error;
    const char* meaning;
  } table[] = {
      {"LOADING Redis is loading the dataset in memory", "retry redis_loading"},
      {"BUSY Redis is busy running a script", "retry redis_busy"},
      {"TRYAGAIN Multiple keys request during rehashing of slot", "retry redis_tryagain"},
      {"CLUSTERDOWN The cluster is down", "retry redis_clusterdown"},
      {"MASTERDOWN Link with MASTER is down", "retry redis_masterdown"},
      {"READONLY You can't write against a read only replica.", "retry redis_readonly"},
      {"MISCONF Redis is configured to save RDB snapshots", "retry redis_misconf"},
      {"OOM command not allowed when used memory > 'maxmemory'.", "retry redis_oom"},
      {"NOREPLICAS Not enough good replicas to write.", "retry redis_noreplicas"},
      {"ERR max number of clients reached", "retry redis_max_clients"},
      {"NOAUTH Authentication required.", "misconfigured redis_noauth"},
      {"WRONGPASS invalid username-password pair", "misconfigured redis_wrongpass"},
      {"NOPERM this user has no permissions", "misconfigured redis_noperm"},
      {"DENIED Redis is running in protected mode", "misconfigured redis_denied"},
      {"MOVED 1 127.0.0.1:1", "misconfigured redis_moved"},
      {"CROSSSLOT Keys in request don't hash to the same slot", "misconfigured redis_crossslot"},
      {"ERR unknown command 'UNLINK', with args beginning with: 'secret'",
       "misconfigured redis_unknown_command"},
      {"WRONGTYPE Operation against a key", "rejected redis_wrongtype"},
      {"ERR syntax error", "rejected redis_err"},
      {"SURPRISE never heard of", "rejected redis_unknown_error"},
  };
  for (const auto& line : table) {
    EXPECT_EQ(answered({"-" + std::string(line.error) + "\r\n"}), line.meaning) << line.error;
  }
}

TEST_F(CacheRedisFaults, AnAnswerThatIsNoneLeavesItOpenWhatHappened) {
  EXPECT_EQ(answered({"", {}, Then::Close}), "retry connection_reset");
  EXPECT_EQ(answered({":1", {}, Then::Reset}), "retry connection_reset");
  EXPECT_EQ(answered({"$10\r\nabc", {}, Then::Close}), "retry connection_reset") << "truncated";
  EXPECT_EQ(answered({"HTTP/1.1 400 Bad Request\r\n"}), "retry malformed_answer");
  EXPECT_EQ(answered({"$99999999999\r\n"}), "retry malformed_answer") << "oversized";
  EXPECT_EQ(answered({"*99999999\r\n"}), "retry malformed_answer");
  EXPECT_EQ(answered({std::string(100'000, '+')}), "retry malformed_answer") << "an endless line";
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "*1\r\n";
  EXPECT_EQ(answered({deep}), "retry malformed_answer");
  EXPECT_EQ(answered({":1\r\n"}, std::chrono::seconds(20), R"({"key_pattern": "a*"})"),
            "retry malformed_answer")
      << "no answer to SCAN";
}

TEST_F(CacheRedisFaults, TheDeadlineIsTotalHoweverSlowlyItAnswers) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(answered({"", {}}, milliseconds(300)), "retry timeout");
  EXPECT_EQ(
      answered({"$100\r\n" + std::string(100, 'x') + "\r\n", milliseconds(100)}, milliseconds(300)),
      "retry timeout")
      << "a byte now and then";
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(8));
}

TEST_F(CacheRedisFaults, ABatchKeepsWhatWasAnsweredBeforeTheConnectionBroke) {
  std::atomic<int> count{0};
  const CommandServer server(CommandServer::Protocol::Redis,
                             [&](const std::vector<std::string>&) -> CommandReply {
                               if (++count <= 2) return {":1\r\n"};
                               return {"", {}, Then::Close};
                             });
  open(cache_settings("redis", server.address()));
  const auto results = cache().deliver_all(kAction, std::vector<Delivery>(5, rendered("{}")));
  EXPECT_EQ(summary(results[0]), "delivered");
  EXPECT_EQ(summary(results[1]), "delivered");
  for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(summary(results[i]), "retry connection_reset");
}

TEST_F(CacheRedisFaults, ACancelledBatchEndsAtOnceAlsoWhileTheServerIsSilent) {
  const CommandServer silent(CommandServer::Protocol::Redis,
                             [](const std::vector<std::string>&) { return CommandReply{}; });
  open(cache_settings("redis", silent.address()));
  const auto action = cache().bind(kAction);
  plugin::Item item;
  item.action = action.get();
  item.delivery_id = Delivery().id;
  item.event_json = std::make_shared<const std::string>(Delivery().event);
  item.settings_json = std::make_shared<const std::string>("{}");
  std::thread canceller;
  std::string outcome;
  const auto begin = std::chrono::steady_clock::now();
  cache().module().deliver(
      {item}, begin + std::chrono::seconds(30),
      [&](std::uint32_t, const plugin::ItemResult& result) { outcome = summary(result); },
      [&](const std::shared_ptr<plugin::Call>& call) {
        canceller = std::thread([&, call] {
          EXPECT_TRUE(eventually([&] { return silent.commands() > 0; }));
          call->cancel();
        });
      });
  canceller.join();
  EXPECT_EQ(outcome, "cancelled cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

/// A real server.
class CacheRedisTrouble : public CacheTest {
 protected:
  void SetUp() override {
    if (!RedisServer::is_there()) GTEST_SKIP() << "redis-server and redis-cli are not installed";
  }
  void open_at(const RedisServer& server, const std::string& more = "") {
    open(cache_settings("redis", server.address(), more));
  }
};

TEST_F(CacheRedisTrouble, AReplicaTakesNothingUntilItIsTheMaster) {
  RedisServer server({"--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "yes"});
  open_at(server);
  EXPECT_EQ(summary(deliver(kAction)), "retry redis_readonly");
  server.ask({"REPLICAOF", "NO", "ONE"});
  EXPECT_EQ(summary(deliver(kAction)), "delivered");
  EXPECT_EQ(cache().services().metric_sum("connections_total{use=new}"), 2)
      << "its name may lead elsewhere by then";
}

TEST_F(CacheRedisTrouble, WithoutMemoryWritesWaitAndRemovalsDoNot) {
  RedisServer server({"--maxmemory", "1"});
  open_at(server);
  EXPECT_EQ(summary(deliver(R"({"operation": "refresh", "keys": ["k"], "value": "v"})")),
            "retry redis_oom");
  EXPECT_EQ(summary(deliver(kAction)), "delivered");
}

TEST_F(CacheRedisTrouble, UsersOfItsAclMayDoWhatTheyMay) {
  RedisServer server;
  server.ask({"ACL", "SETUSER", "shop", "on", ">pa55", "~shop:*", "+unlink"});
  server.ask({"ACL", "SETUSER", "default", "off"});
  const auto as = [&](const std::string& login, const std::string& key) {
    open_at(server, login);
    return summary(deliver(R"({"keys": [")" + key + "\"]}"));
  };
  const std::string shop = R"(, "username": "shop", "password": "pa55")";
  EXPECT_EQ(as(shop, "shop:1"), "delivered");
  EXPECT_EQ(as(shop, "other:1"), "misconfigured redis_noperm");
  EXPECT_EQ(as(R"(, "username": "shop", "password": "wrong")", "shop:1"),
            "misconfigured redis_wrongpass");
  EXPECT_NE(probe(kAction).find("redis_wrongpass"), std::string::npos);
  EXPECT_EQ(as("", "shop:1"), "misconfigured redis_noauth");
  EXPECT_EQ(cache().services().text().find("pa55"), std::string::npos);
}

TEST_F(CacheRedisTrouble, TlsIsSpokenWithThoseWhoseCertificateFits) {
  TestAuthority authority;
  authority.issue("redis", "IP:127.0.0.1");
  authority.issue("elsewhere", "DNS:elsewhere.example");
  TestAuthority other;
  const RedisServer server({}, &authority, "redis");
  const auto trusting = [](const TestAuthority& who) {
    return R"(, "tls": true, "ca_file": ")" + who.ca_file() + "\"";
  };
  const std::string ours = R"(, "client_cert_file": ")" + authority.certificate("redis") +
                           R"(", "client_key_file": ")" + authority.key("redis") + "\"";
  open_at(server, trusting(authority) + ours);
  EXPECT_EQ(summary(deliver(kAction)), "delivered");
  EXPECT_EQ(probe(kAction), "");
  open_at(server, trusting(authority));
  EXPECT_EQ(summary(deliver(kAction)).substr(0, 5), "retry") << "it wants a certificate of ours";
  open_at(server, trusting(other) + ours);
  EXPECT_EQ(summary(deliver(kAction)), "misconfigured certificate_invalid");
  open_at(server);
  EXPECT_EQ(summary(deliver(kAction)), "retry connection_reset") << "it wants TLS";

  const RedisServer impostor({}, &authority, "elsewhere");
  open_at(impostor, trusting(authority) + ours);
  EXPECT_EQ(summary(deliver(kAction)), "misconfigured certificate_invalid");
  const RedisServer plain;
  open_at(plain, trusting(authority));
  EXPECT_EQ(summary(deliver(kAction, milliseconds(500))).substr(0, 5), "retry");
}

TEST_F(CacheRedisTrouble, OnlyAddressesThatAreAllowedAreDialled) {
  const RedisServer server;
  open(R"({"servers": [")" + server.address() + R"("]})");
  const auto result = deliver(kAction);
  EXPECT_EQ(summary(result), "misconfigured address_refused");
  EXPECT_NE(result.message.find("allow_addresses"), std::string::npos);
}

TEST_F(CacheRedisTrouble, ARestartInTheMiddleLosesNothing) {
  RedisServer server;
  open_at(server);
  std::atomic<bool> is_over{false};
  std::atomic<int> failed{0};
  std::atomic<int> delivered{0};
  // Each key is tried until it is delivered, as the host does.
  std::thread writer([&] {
    for (int i = 0; !is_over; ++i) {
      const std::string settings = R"({"keys": ["k)" + std::to_string(i) + "\"]}";
      for (;;) {
        const auto result = cache().deliver(
            R"({"operation": "refresh", "keys": ["{{ k }}"], "value": "v"})", rendered(settings));
        if (summary(result) == "delivered") break;
        EXPECT_EQ(summary(result).substr(0, 6), "retry ") << result.message;
        ++failed;
      }
      ++delivered;
    }
  });
  EXPECT_TRUE(eventually([&] { return delivered > 50; }));
  server.kill();
  EXPECT_TRUE(eventually([&] { return failed > 0; }));
  server.restart();
  const int before = delivered;
  EXPECT_TRUE(eventually([&] { return delivered > before + 50; }));
  is_over = true;
  writer.join();
  const std::string last = "k" + std::to_string(delivered - 1);
  EXPECT_EQ(server.ask({"GET", last}), "v");
}

TEST_F(CacheRedisTrouble, AConnectionThatWasClosedWhileIdleIsDialledAnew) {
  RedisServer server;
  open_at(server);
  EXPECT_EQ(summary(deliver(kAction)), "delivered");
  server.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_EQ(summary(deliver(kAction)), "delivered");
  EXPECT_EQ(cache().services().metric_sum("connections_total{use=new}"), 2);
}

}  // namespace
}  // namespace observerd::testing
