#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "fixture.hpp"

/// Receivers that are slow, broken or not there.
namespace observerd::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

std::string deliver_to(HttpReply reply, plugin::ItemResult* result_out = nullptr) {
  HttpServer server;
  server.always(std::move(reply));
  Webhook webhook(local_settings(R"(, "max_response_bytes": 1000)"));
  const auto result = webhook.deliver(action(server.url()));
  if (result_out != nullptr) *result_out = result;
  EXPECT_FALSE(result.outcome != plugin::Outcome::Delivered && result.message.empty());
  return summary(result);
}

TEST(Webhook, ConnectionRefusedIsRetried) {
  int port = 0;
  { port = HttpServer().port(); }  // closed again
  Webhook webhook;
  const auto result = webhook.deliver(action("http://127.0.0.1:" + std::to_string(port)));
  EXPECT_EQ(summary(result), "retry connection_refused") << result.message;
}

TEST(Webhook, BrokenAnswersAreRetriedBecauseTheOutcomeIsUnknown) {
  EXPECT_EQ(deliver_to(HttpReply::closed()), "retry connection_reset");
  EXPECT_EQ(deliver_to(HttpReply::reset()), "retry connection_reset");
  EXPECT_EQ(deliver_to(HttpReply::truncated()), "retry truncated_answer");
  EXPECT_EQ(deliver_to(HttpReply::bytes("HTTP/1.1 200 OK\r\nContent-Le")),
            "retry truncated_answer");
  EXPECT_EQ(deliver_to(HttpReply::bytes("SSH-2.0-OpenSSH_9.2\r\n")), "retry malformed_answer");
  EXPECT_EQ(deliver_to(HttpReply::bytes("HTTP/1.1 2x0 OK\r\n\r\n")), "retry malformed_answer");
  EXPECT_EQ(deliver_to(HttpReply::bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                        "zz\r\nabc\r\n0\r\n\r\n")),
            "retry malformed_answer");
  EXPECT_EQ(deliver_to(HttpReply::bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                                        "5\r\nab")),
            "retry truncated_answer");
}

TEST(Webhook, AnAnswerThatIsTooLongCountsByItsStatus) {
  EXPECT_EQ(deliver_to(HttpReply(200, std::string(1000, 'x'))), "delivered");
  EXPECT_EQ(deliver_to(HttpReply(200, std::string(1'000'000, 'x'))), "delivered");
  EXPECT_EQ(deliver_to(HttpReply(404, std::string(1'000'000, 'x'))), "rejected http_404");
  HttpReply endless = HttpReply::bytes("HTTP/1.1 200 OK\r\n\r\n" + std::string(3'000'000, 'x'));
  EXPECT_EQ(deliver_to(endless), "delivered");
}

TEST(Webhook, ACompressedAnswerIsNotInflated) {
  EXPECT_EQ(deliver_to(HttpReply(200, "no gzip").with("Content-Encoding", "gzip")), "delivered");
}

TEST(Webhook, TheTimeoutIsTotal) {
  struct Case {
    const char* name;
    HttpReply reply;
  };
  const Case cases[] = {
      {"silent", HttpReply::hang()},
      {"a byte now and then", HttpReply::dripping(milliseconds(50))},
      {"endless 100 Continue",
       [] {
         std::string text;
         for (int i = 0; i < 2000; ++i) text += "HTTP/1.1 100 Continue\r\n\r\n";
         HttpReply reply = HttpReply::bytes(text);
         reply.drip = milliseconds(5);
         return reply;
       }()},
  };
  for (const auto& c : cases) {
    HttpServer server;
    server.always(c.reply);
    Webhook webhook;
    const auto start = steady_clock::now();
    const auto result = webhook.deliver(action(server.url()), {}, milliseconds(200));
    const auto took = steady_clock::now() - start;
    EXPECT_EQ(summary(result), "retry timeout") << c.name << ": " << result.message;
    EXPECT_GE(took, milliseconds(200)) << c.name;
    EXPECT_LT(took, milliseconds(1500)) << c.name;
  }
}

TEST(Webhook, TheModulesTimeoutCountsWhenItIsEarlier) {
  HttpServer server;
  server.always(HttpReply::hang());
  Webhook webhook(local_settings(R"(, "timeout": "200ms")"));
  const auto start = steady_clock::now();
  const auto result = webhook.deliver(action(server.url()), {}, std::chrono::seconds(20));
  EXPECT_EQ(summary(result), "retry timeout");
  EXPECT_LT(steady_clock::now() - start, milliseconds(1500));
}

// Takes connections into its queue until that is full, and never accepts one: the kernel then
// leaves further SYNs unanswered.
class FullListener {
 public:
  FullListener() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const raw = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(socket_, raw, sizeof address), 0);
    EXPECT_EQ(listen(socket_, 0), 0);
    EXPECT_EQ(getsockname(socket_, raw, &size), 0);
    port_ = ntohs(address.sin_port);
    for (int& filler : fillers_) {
      filler = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
      connect(filler, raw, sizeof address);
    }
  }
  ~FullListener() {
    for (const int filler : fillers_) close(filler);
    close(socket_);
  }
  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/"; }

 private:
  int socket_;
  int port_ = 0;
  std::array<int, 4> fillers_{};
};

TEST(Webhook, AConnectionThatDoesNotComeAboutHasItsOwnLimit) {
  const FullListener listener;
  Webhook webhook(local_settings(R"(, "connect_timeout": "200ms")"));
  auto start = steady_clock::now();
  EXPECT_EQ(summary(webhook.deliver(action(listener.url()))), "retry connect_timeout");
  EXPECT_LT(steady_clock::now() - start, milliseconds(1500));
  Webhook patient(local_settings(R"(, "connect_timeout": "15s")"));
  start = steady_clock::now();
  const auto result = patient.deliver(action(listener.url(), R"(, "connect_timeout": "200ms")"));
  EXPECT_EQ(summary(result), "retry connect_timeout") << "the action's own";
  EXPECT_LT(steady_clock::now() - start, milliseconds(1500));
}

TEST(Webhook, AConnectionThatTheServerClosedIsReplaced) {
  HttpServer server;
  Webhook webhook;
  HttpReply closing(200);
  closing.then = HttpReply::Then::Close;
  server.script({closing, HttpReply(200), HttpReply(200)});
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(summary(webhook.deliver(action(server.url()))), "delivered");
  }
  EXPECT_EQ(server.connections(), 2);
}

// A batch of one action that nobody answers.
class Hanging {
 public:
  explicit Hanging(std::size_t count) {
    server_.always(HttpReply::hang());
    action_ = webhook_.bind(action(server_.url()));
    std::vector<plugin::Item> items(count);
    for (auto& item : items) {
      item.action = action_.get();
      item.delivery_id = "d";
      item.event_json = item.settings_json = std::make_shared<const std::string>("{}");
    }
    call_ =
        webhook_.module().deliver(std::move(items), steady_clock::now() + std::chrono::seconds(60),
                                  [this](std::uint32_t, plugin::ItemResult result) {
                                    if (result.outcome == plugin::Outcome::Cancelled) ++cancelled_;
                                  });
    EXPECT_TRUE(server_.wait_for(std::min<std::size_t>(count, 64)));
  }
  plugin::Module& module() { return webhook_.module(); }
  plugin::Call& call() { return *call_; }
  std::size_t cancelled() const { return cancelled_; }

 private:
  std::atomic<std::size_t> cancelled_{0};
  HttpServer server_;
  Webhook webhook_;
  std::unique_ptr<plugin::BoundAction> action_;
  std::shared_ptr<plugin::Call> call_;
};

TEST(Webhook, StopReportsEverythingUnderWay) {
  Hanging hanging(64);
  hanging.module().stop();
  EXPECT_EQ(hanging.cancelled(), 64U);
  EXPECT_TRUE(hanging.call().finished());
}

TEST(Webhook, CancelEndsABatchSoon) {
  Hanging hanging(10);
  hanging.call().cancel();
  const auto end = steady_clock::now() + std::chrono::seconds(5);
  while (!hanging.call().finished() && steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(hanging.cancelled(), 10U);
}

}  // namespace
}  // namespace observerd::testing
