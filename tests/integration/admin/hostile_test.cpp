#include <atomic>
#include <thread>
#include <vector>

#include "integration/admin/fixture.hpp"

/// Clients that are broken, slow or malicious.
namespace observerd::testing {
namespace {

using std::chrono::milliseconds;

admin::ServerOptions tight() {
  admin::ServerOptions options{"127.0.0.1:0", "", {}};
  options.limits.connections = 2;
  options.limits.request = milliseconds(300);
  options.limits.exchange = milliseconds(600);
  return options;
}

struct BadRequest {
  const char* why;
  std::string bytes;
};

TEST_F(AdminServerTest, MalformedRequestsAreRefusedAndTheServerLivesOn) {
  const std::string address = start();
  const std::string head =
      "POST /api/v1/echo HTTP/1.1\r\nHost: localhost\r\n"
      "X-Observerd-Request: 1\r\nContent-Type: application/json\r\n";
  const BadRequest cases[] = {
      {"no HTTP", "hello\r\n\r\n"},
      {"TLS", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + "\r\n\r\n"},
      {"no version", "GET /healthz\r\n\r\n"},
      {"no Host", "GET /healthz HTTP/1.1\r\n\r\n"},
      {"two Hosts", "GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {"no target", "GET  HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a target of another form", "GET http://a/ HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a long target", "GET /" + std::string(20'000, 'x') + " HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"a long header",
       "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + std::string(20'000, 'x') + "\r\n\r\n"},
      {"length no number", head + "Content-Length: x\r\n\r\n{}"},
      {"length negative", head + "Content-Length: -1\r\n\r\n{}"},
      {"two lengths", head + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"},
      {"length and chunks", head + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}"},
      {"unknown coding", head + "Transfer-Encoding: gzip\r\n\r\n{}"},
  };
  for (const BadRequest& one : cases) {
    RawClient client(address);
    client.send(one.bytes);
    // Some get an answer, some that are no HTTP at all only the end of the connection.
    const std::string answer = client.read_all();
    EXPECT_TRUE(answer.empty() || answer.starts_with("HTTP/1.1 4") ||
                answer.starts_with("HTTP/1.1 5"))
        << one.why << ": " << answer.substr(0, 80);
    EXPECT_EQ(ask(address, "GET", "/healthz").status, 200) << one.why;
  }
  std::string many = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n";
  for (int i = 0; i < 500; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  EXPECT_NE(ask_raw(address, many + "\r\n").status, 200);
}

TEST_F(AdminServerTest, BodiesAreBoundedHoweverTheyAreFramed) {
  const std::string address = start();
  const std::string head =
      "POST /api/v1/echo HTTP/1.1\r\nHost: localhost\r\n"
      "X-Observerd-Request: 1\r\nContent-Type: application/json\r\n";
  EXPECT_EQ(ask_raw(address, head + "Content-Length: 9\r\n\r\n{\"a\": 17}").body,
            "{\n  \"a\": 17\n}\n");
  EXPECT_EQ(ask_raw(address, head + "Transfer-Encoding: chunked\r\n\r\n"
                                    "4\r\n{\"a\"\r\n5\r\n: 17}\r\n0\r\n\r\n")
                .body,
            "{\n  \"a\": 17\n}\n");
  EXPECT_EQ(ask_raw(address, head + "\r\n").body, "{}\n");
  EXPECT_EQ(ask_raw(address, head + "Content-Length: 100000000\r\n\r\n").status, 413);
  EXPECT_NE(ask_raw(address, head + "Content-Length: 99999999999999999999999\r\n\r\n").status, 200);
  std::string chunks = head + "Transfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 20; ++i) chunks += "1000\r\n" + std::string(0x1000, ' ') + "\r\n";
  EXPECT_EQ(ask_raw(address, chunks).status, 413);
}

TEST_F(AdminServerTest, ASlowRequestIsEndedByTheTimeOfTheWhole) {
  const std::string address = start(tight());
  RawClient slow(address);
  slow.send("GET /healthz HTTP/1.1\r\nX: ");
  const milliseconds took = slow.drip_until_closed(milliseconds(20));
  EXPECT_GE(took, milliseconds(250));
  EXPECT_LT(took, milliseconds(5000));
}

TEST_F(AdminServerTest, ABodyThatNeverComesIsEndedToo) {
  const std::string address = start(tight());
  RawClient slow(address);
  slow.send("POST /api/v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n{");
  EXPECT_LT(slow.drip_until_closed(milliseconds(20)), milliseconds(5000));
}

TEST_F(AdminServerTest, SlowClientsOnEveryThreadOnlyDelayTheOthers) {
  const std::string address = start(tight());
  std::vector<std::unique_ptr<RawClient>> slow;
  for (int i = 0; i < 4; ++i) {
    slow.push_back(std::make_unique<RawClient>(address));
    slow.back()->send("GET /healthz HTTP/1.1\r\n");
  }
  EXPECT_EQ(ask(address, "GET", "/healthz").status, 200);
}

TEST_F(AdminServerTest, AClientThatDoesNotReadIsEnded) {
  const std::string address = start(tight());
  RawClient deaf(address);
  deaf.send("GET /api/v1/big HTTP/1.1\r\nHost: localhost\r\n\r\n");
  RawClient other(address);
  other.send("GET /api/v1/big HTTP/1.1\r\nHost: localhost\r\n\r\n");
  // Both threads are writing to somebody who does not read; after the time of the exchange:
  EXPECT_EQ(ask(address, "GET", "/healthz").status, 200);
  EXPECT_LT(deaf.read_all().size(), std::size_t{8} << 20) << "the answer was complete";
}

TEST_F(AdminServerTest, StoppingEndsConnectionsAtOnce) {
  const std::string address = start();
  RawClient waiting(address);
  waiting.send("GET /healthz HTTP/1.1\r\n");
  EXPECT_EQ(ask(address, "GET", "/healthz").status, 200);
  const auto begun = std::chrono::steady_clock::now();
  server_->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(3));
  EXPECT_EQ(waiting.read_all(), "");
}

TEST_F(AdminServerTest, ManyClientsAtOnceAreAllAnswered) {
  const std::string address = start();
  std::atomic<int> answered{0};
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      for (int n = 0; n < 10; ++n) answered += ask(address, "GET", "/metrics").status == 200;
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(answered, 80);
}

}  // namespace
}  // namespace observerd::testing
