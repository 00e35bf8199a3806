#include "app/own_commands.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <thread>

namespace observerd::testing {
namespace {

using app::OwnCommands;

constexpr const char* kShell = "/bin/sh";

TEST(OwnCommands, GivesInputAndTakesBothOutputsAndTheExitCode) {
  OwnCommands commands(kShell);
  const auto done = commands.run({"-c", "tr a-z A-Z; echo oops >&2; exit 3"}, "abc");
  EXPECT_EQ(done.problem, "");
  EXPECT_EQ(done.exit, 3);
  EXPECT_EQ(done.out, "ABC");
  EXPECT_EQ(done.err, "oops\n");
}

TEST(OwnCommands, WhatTakesTooLongIsEndedWithItsChildren) {
  const auto fifo = std::filesystem::path(::testing::TempDir()) /
                    ("observerd-own-commands-" + std::to_string(::getpid()));
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  const int fd = ::open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  char byte = 0;
  // A busy machine may need longer until the child writes.
  for (Milliseconds time{100}; byte == 0 && time < Milliseconds(30'000); time *= 2) {
    OwnCommands commands(kShell, {time, Milliseconds(100), 1000});
    const auto done =
        commands.run({"-c", "(echo x; exec sleep 600) > " + fifo.string() + " & wait"}, "");
    EXPECT_NE(done.problem.find("did not end"), std::string::npos) << done.problem;
    [[maybe_unused]] const ssize_t got = ::read(fd, &byte, 1);
    EXPECT_EQ(commands.run({"-c", ":"}, "").exit, 0) << "the next one has its turn";
  }
  EXPECT_EQ(byte, 'x');
  pollfd look{fd, 0, 0};
  EXPECT_EQ(::poll(&look, 1, 20'000), 1) << "the child still has the fifo open";
  ::close(fd);
  std::filesystem::remove(fifo);
}

TEST(OwnCommands, TooMuchOutputIsAnError) {
  OwnCommands commands(kShell, {Milliseconds(20'000), Milliseconds(100), 1000});
  const auto done = commands.run({"-c", "while :; do echo 0123456789; done"}, "");
  EXPECT_NE(done.problem.find("too long"), std::string::npos) << done.problem;
}

TEST(OwnCommands, ACrashAndAMissingProgramAreErrors) {
  OwnCommands commands(kShell);
  EXPECT_NE(commands.run({"-c", "kill -SEGV $$"}, "").problem.find("signal 11"), std::string::npos);
  OwnCommands missing("/nonexistent/observerd");
  EXPECT_NE(missing.run({}, "").problem.find("cannot be started"), std::string::npos);
}

TEST(OwnCommands, OneAtATimeAndCloseEndsIt) {
  OwnCommands commands(kShell, {Milliseconds(60'000), Milliseconds(1), 1000});
  std::atomic<bool> over{false};
  std::thread first([&] {
    EXPECT_NE(commands.run({"-c", "exec sleep 600"}, "").problem, "");
    over = true;
  });
  // Until the first one has its turn, this one has it.
  std::string problem;
  while (problem.empty()) problem = commands.run({"-c", "exit 0"}, "").problem;
  EXPECT_NE(problem.find("still runs"), std::string::npos) << problem;
  while (!over) commands.close();
  first.join();
  EXPECT_NE(commands.run({"-c", "exit 0"}, "").problem.find("stopping"), std::string::npos);
}

}  // namespace
}  // namespace observerd::testing
