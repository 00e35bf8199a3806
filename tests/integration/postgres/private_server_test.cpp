#include "postgres/private_server.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <thread>

#include "support/postgres.hpp"

namespace observerd::testing {
namespace {

using postgres::PrivateServer;
using postgres::PrivateServerOptions;

std::unique_ptr<PrivateServer> create(const PrivateServerOptions& options = {}) {
  Result<std::unique_ptr<PrivateServer>> server = PrivateServer::create(options);
  EXPECT_TRUE(server.ok()) << server.status().to_string();
  return server.ok() ? std::move(*server) : nullptr;
}

TEST(PrivateServer, EndsWithItsOwnerEvenWhenThatIsKilled) {
  int channel[2];
  ASSERT_EQ(::pipe(channel), 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    const auto server = create();
    const std::string line = server->url() + "\n" + server->directory().string() + "\n";
    if (::write(channel[1], line.data(), line.size()) < 0) ::_exit(1);
    ::pause();
  }
  ::close(channel[1]);
  std::string text;
  char buffer[512];
  for (ssize_t n; std::count(text.begin(), text.end(), '\n') < 2 &&
                  (n = ::read(channel[0], buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<std::size_t>(n));
  }
  ::close(channel[0]);
  const std::string url = text.substr(0, text.find('\n'));
  const std::string directory = text.substr(url.size() + 1, text.size() - url.size() - 2);
  ASSERT_EQ(PQping(url.c_str()), PQPING_OK);
  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  // Removed by the postmaster as its last act.
  const std::filesystem::path pid_file = std::filesystem::path(directory) / "data/postmaster.pid";
  for (int i = 0; i < 6000 && std::filesystem::exists(pid_file); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_FALSE(std::filesystem::exists(pid_file));
  EXPECT_NE(PQping(url.c_str()), PQPING_OK);
  // What it left behind goes with the next one.
  EXPECT_TRUE(std::filesystem::exists(directory));
  create();
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST(PrivateServer, SeveralRunSideBySideAndLeaveNothing) {
  PrivateServerOptions options;
  options.tcp = true;
  std::filesystem::path directory;
  {
    const auto one = new_server(options);
    const auto two = new_server(options);
    directory = one->directory();
    EXPECT_EQ(scalar(one->tcp_url(), "SELECT 1"), "1");
    run_sql(one->url(), "CREATE TABLE here (id int)");
    EXPECT_EQ(scalar(two->url(), "SELECT to_regclass('here') IS NULL"), "t");
    EXPECT_EQ(scalar(one->url(), "SHOW server_encoding"), "UTF8");
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
}

TEST(PrivateServer, WhatWasCommittedSurvivesCrashes) {
  for (const bool durable : {false, true}) {
    PrivateServerOptions options;
    options.durable = durable;
    const auto server = new_server(options);
    EXPECT_EQ(scalar(server->url(), "SHOW fsync"), durable ? "on" : "off");
    run_sql(server->url(), "CREATE TABLE t AS SELECT 42 AS answer");
    ASSERT_TRUE(server->kill().ok());
    EXPECT_FALSE(server->running());
    const Status started = server->start();
    ASSERT_TRUE(started.ok()) << started.to_string();
    EXPECT_EQ(scalar(server->url(), "SELECT answer FROM t"), "42");
    if (durable) continue;
    ASSERT_TRUE(server->restart(PrivateServer::Stop::Immediate).ok());
    EXPECT_EQ(scalar(server->url(), "SELECT answer FROM t"), "42");
  }
}

TEST(PrivateServer, ServerThatDoesNotStartShowsItsLog) {
  PrivateServerOptions options;
  options.settings = {"shared_buffers = 'nonsense'"};
  const Status status = PrivateServer::create(options).status();
  EXPECT_FALSE(status.ok());
  EXPECT_NE(status.to_string().find("shared_buffers"), std::string::npos) << status.to_string();
}

}  // namespace
}  // namespace observerd::testing
