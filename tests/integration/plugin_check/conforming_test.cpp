#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "checker.hpp"
#include "support/loopback.hpp"

namespace observerd::testing {
namespace {

using ::testing::HasSubstr;

class PluginCheckConforming : public ::testing::TestWithParam<const char*> {};

TEST_P(PluginCheckConforming, PassesEveryTest) {
  const CheckedJson checked = check_json({std::string(OBSERVERD_BUILD_DIR "/") + GetParam()});
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  EXPECT_EQ(checked.tests("failed"), std::set<std::string>());
  for (const std::string& name : checked.tests("skipped")) {
    // Only what the plugin does not offer, and what a sanitizer's malloc does not count.
    const std::string why = checked.seen(name);
    EXPECT_TRUE(why.find("no type") == 0 || why.find("malloc") == 0) << name << ": " << why;
  }
}

INSTANTIATE_TEST_SUITE_P(Plugins, PluginCheckConforming,
                         ::testing::Values("tests/plugins/good.so", "tests/plugins/async.so",
                                           "tests/plugins/hello.so", "tests/plugins/old_plugin.so",
                                           "tests/plugins/newer_plugin.so",
                                           "tests/plugins/duplicate.so", "plugins/log.so",
                                           "plugins/null.so", "plugins/webhook.so"),
                         [](const auto& info) {
                           std::string name(info.param);
                           for (char& c : name) {
                             if (c == '/' || c == '.') c = '_';
                           }
                           return name;
                         });

TEST(PluginCheckIsolation, FallsBackWhereNamespacesAreForbidden) {
  // The kernel lets nobody make another process namespace below this one.
  const std::string script =
      "echo 0 > /proc/sys/user/max_pid_namespaces && exec \"$0\" --json --time-limit 4 \"$1\"";
  for (const char* plugin : {"good", "leaves_processes", "kills_parent", "stuck"}) {
    const Checked checked = run_program(
        "/usr/bin/unshare", {"--user", "--map-root-user", "sh", "-c", script, checker_program(),
                             fixture(plugin), "--test", "starts-no-process"});
    if (checked.out.empty()) GTEST_SKIP() << "user namespaces are forbidden here: " << checked.err;
    EXPECT_THAT(checked.out, HasSubstr("\"processes\": false"));
    EXPECT_EQ(checked.exit_code, std::string(plugin) == "good" ? 0 : 1) << checked.out;
  }
}

TEST(PluginCheckIsolation, LeavesAloneWhatItInheritsAsAChild) {
  const Checked checked = run_program(
      "/bin/sh", {"-c",
                  "sleep 60 >/dev/null 2>&1 & echo $!; exec \"$0\" --only-failed --time-limit 4 "
                  "\"$1\" --test starts-no-process",
                  checker_program(), fixture("leaves_process")});
  EXPECT_EQ(checked.exit_code, 1) << checked.out << checked.err;
  const pid_t sleeper = std::atoi(checked.out.c_str());
  ASSERT_GT(sleeper, 1);
  EXPECT_EQ(::kill(sleeper, SIGKILL), 0) << "it was ended along with what the plugin left behind";
}

TEST(PluginCheckWebhook, KeepsItsTimesBeforeAReceiverThatNeverAnswers) {
  const LoopbackListener receiver = listen_on_loopback(512);
  const std::string config = temporary_file(
      R"({"webhook": {"module": {"allow_http": true, "allow_addresses": ["127.0.0.0/8"]},)"
      R"( "action": {"url": "http://127.0.0.1:)" +
      std::to_string(receiver.port) + R"(/{{ id }}"}}})");
  std::vector<std::string> arguments = {
      "--config", config, "--network",     "--time-limit",           "3",
      "--jobs",   "8",    "--only-failed", shipped_plugin("webhook")};
  for (const char* test :
       {"keeps-the-deadline", "obeys-cancel", "stops-while-delivering", "two-modules-side-by-side",
        "delivers-in-parallel", "preview-is-text", "joins-its-threads", "closes-its-descriptors"}) {
    arguments.insert(arguments.end(), {"--test", test});
  }
  const Checked checked = check_plain(arguments);
  EXPECT_EQ(checked.exit_code, 0) << checked.out << checked.err;
  EXPECT_THAT(checked.out, HasSubstr(" 0 failed, 0 skipped"));
  ::close(receiver.socket);
  std::filesystem::remove(config);
}

}  // namespace
}  // namespace observerd::testing
