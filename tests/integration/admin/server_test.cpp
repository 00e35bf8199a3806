#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "integration/admin/fixture.hpp"
#include "support/exposition.hpp"

/// The admin server over real sockets: where it listens, and who gets in.
namespace observerd::testing {
namespace {

TEST_F(AdminServerTest, ServesOnIpv4Ipv6AndAUnixSocket) {
  for (const std::string& listen : {std::string("127.0.0.1:0"), std::string("[::1]:0"),
                                    "unix:" + (directory_ / "admin.sock").string()}) {
    const std::string address = start({listen, "", {}});
    EXPECT_EQ(address.ends_with(":0"), false) << "the port that was taken is not told";
    const Reply reply = ask(address, "GET", "/healthz");
    EXPECT_EQ(reply.status, 200) << listen;
    EXPECT_EQ(reply.body, "ok\n");
    EXPECT_NE(reply.head.find("Connection: Close"), std::string::npos) << reply.head;
    server_->stop();
    EXPECT_THROW(RawClient client(address), std::runtime_error);
  }
}

TEST_F(AdminServerTest, HeadHasTheHeadersOfGetAndNoBody) {
  const std::string address = start();
  const Reply get = ask(address, "GET", "/healthz"), head = ask(address, "HEAD", "/healthz");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.body, "");
  EXPECT_NE(head.head.find("Content-Length: 3"), std::string::npos) << head.head;
  EXPECT_NE(get.head.find("Content-Length: 3"), std::string::npos);
}

TEST_F(AdminServerTest, AUnixSocketIsForOwnerAndGroupAndGoesWithTheServer) {
  const std::string path = directory_ / "admin.sock";
  const mode_t before = umask(0);  // the widest a service could have
  start({"unix:" + path, "", {}});
  umask(before);
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0660u);
  server_->stop();
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(AdminServerTest, ReplacesADeadSocketButNeitherALiveOneNorAFile) {
  const std::string path = directory_ / "admin.sock";
  {
    // A process that was killed leaves its socket file behind.
    const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    path.copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    ::close(fd);
  }
  const std::string address = start({"unix:" + path, "", {}});
  admin::Server second({"unix:" + path, "", {}}, contents(), log_);
  const Status taken = second.start();
  EXPECT_EQ(taken.code(), Code::Listener);
  EXPECT_NE(taken.message().find("another process"), std::string::npos) << taken.message();
  EXPECT_EQ(ask(address, "GET", "/healthz").status, 200);
  server_->stop();

  std::ofstream(path) << "precious";
  EXPECT_EQ(try_start({"unix:" + path, "", {}}).code(), Code::Listener);
  EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(AdminServerTest, APortThatIsTakenIsAListenerError) {
  const std::string address = start();
  admin::Server second({address, "", {}}, contents(), log_);
  const Status status = second.start();
  EXPECT_EQ(status.code(), Code::Listener);
  EXPECT_NE(status.message().find(address), std::string::npos) << status.message();
}

TEST_F(AdminServerTest, DoesNotStartBeyondLoopbackWithoutAToken) {
  EXPECT_EQ(try_start({"0.0.0.0:0", "", {}}).code(), Code::Configuration);
  const std::string address = start({"0.0.0.0:0", "sesame", {}});
  const std::string local = "127.0.0.1" + address.substr(address.rfind(':'));
  EXPECT_EQ(ask(local, "GET", "/metrics").status, 401);
  EXPECT_EQ(ask(local, "GET", "/metrics", "Authorization: Bearer sesam\r\n").status, 401);
  EXPECT_EQ(ask(local, "GET", "/metrics", "Authorization: Bearer sesame\r\n").status, 200);
}

TEST_F(AdminServerTest, ANameThatWasReboundToThisMachineLearnsNothing) {
  const std::string address = start();
  EXPECT_EQ(ask_raw(address, "GET /metrics HTTP/1.1\r\nHost: evil.example:9810\r\n\r\n").status,
            421);
  EXPECT_EQ(ask(address, "POST", "/api/v1/echo", "Content-Type: application/json\r\n", "{}").status,
            403);
  EXPECT_EQ(ask(address, "OPTIONS", "/api/v1/echo",
                "Origin: http://evil.example\r\nAccess-Control-Request-Method: POST\r\n")
                .head.find("Access-Control-Allow"),
            std::string::npos);
}

TEST_F(AdminServerTest, AnAttemptOf200MillisecondsIsScrapedAsThat) {
  const std::string address = start();
  const auto begun = std::chrono::steady_clock::now();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));  // what is measured, not waited for
  metrics_.attempt("webhook", 0, std::chrono::steady_clock::now() - begun);
  const Scrape scrape = read_exposition(ask(address, "GET", "/metrics").body);
  EXPECT_EQ(scrape.problems, std::vector<std::string>{});
  const std::string bucket = "observerd_attempt_duration_seconds_bucket{type=\"webhook\",le=";
  EXPECT_EQ(scrape.value(bucket + "\"0.1\"}"), 0);
  EXPECT_EQ(scrape.value(bucket + "\"0.5\"}"), 1);
}

TEST_F(AdminServerTest, ScrapesAreWholeWhileEverythingCounts) {
  const std::string address = start();
  std::atomic<bool> stop{false};
  std::vector<std::thread> load;
  for (int i = 0; i < 2; ++i) {
    load.emplace_back([&] {
      for (int n = 0; !stop; ++n) {
        metrics_.attempt("type" + std::to_string(n % 5), 0, std::chrono::milliseconds(n % 300));
        metrics_.events_read(1);
      }
    });
  }
  double last = 0;
  for (int i = 0; i < 10; ++i) {
    const Reply reply = ask(address, "GET", "/metrics");
    ASSERT_EQ(reply.status, 200);
    const Scrape scrape = read_exposition(reply.body);
    EXPECT_EQ(scrape.problems, std::vector<std::string>{});
    EXPECT_GE(scrape.value("observerd_events_read_total"), last);
    last = scrape.value("observerd_events_read_total");
  }
  stop = true;
  for (std::thread& thread : load) thread.join();
}

}  // namespace
}  // namespace observerd::testing
