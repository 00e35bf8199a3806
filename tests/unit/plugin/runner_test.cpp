#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include "plugin/runner/suspects.hpp"
#include "support/sanitizer.hpp"
#include "unit/plugin/fixtures.hpp"

namespace observerd::plugin {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using observerd::testing::is_sanitized;

/// Looks again and again for what must come about.
template <typename Condition>
bool comes_true(const Condition& condition) {
  for (int look = 0; look < 2000; ++look) {
    if (condition()) return true;
    std::this_thread::sleep_for(5ms);
  }
  return false;
}

/// The fixture "wild" in a runner.
class PluginRunner : public ::testing::Test {
 protected:
  PluginRunner() { opened_isolation = Isolation::Process; }
  ~PluginRunner() override { opened_isolation = Isolation::InProcess; }

  static RunnerState runner(const Opened& plugin) {
    const auto states = plugin.registry->runners(*plugin.registry->entries().front());
    return states.size() == 1 ? states.front() : RunnerState{};
  }
  /// One batch; each item's settings as given, its id its number.
  static void deliver(Opened& plugin, Results& results, const std::vector<std::string>& settings) {
    std::vector<Item> items;
    for (const std::string& one : settings) {
      items.push_back(plugin.item("\"" + one + "\"", "id-" + std::to_string(items.size())));
    }
    plugin.module->deliver(std::move(items), std::chrono::steady_clock::now() + 30s,
                           results.report());
  }
  static ItemResult deliver_one(Opened& plugin, const std::string& settings) {
    Results results;
    deliver(plugin, results, {settings});
    return results.of(0);
  }
};

TEST_F(PluginRunner, IsAnotherProcess) {
  Opened plugin("wild");
  ASSERT_NE(plugin.action, nullptr);
  EXPECT_EQ(plugin.registry->entries().front()->isolation, Isolation::Process);
  EXPECT_EQ(plugin.registry->find("wild")->table, nullptr) << "the library is not loaded here";
  EXPECT_GT(runner(plugin).pid, 0);
  EXPECT_NE(runner(plugin).pid, ::getpid());
  std::ifstream maps("/proc/self/maps");
  const std::string mapped((std::istreambuf_iterator<char>(maps)), {});
  EXPECT_EQ(mapped.find(plugin.directory.path().string()), std::string::npos);
}

TEST_F(PluginRunner, EndsWithItsModule) {
  pid_t pid = 0;
  {
    Opened plugin("wild");
    pid = runner(plugin).pid;
    ASSERT_GT(pid, 0);
  }
  EXPECT_EQ(::kill(pid, 0), -1) << "it was waited for, so there is no such process any more";
}

TEST_F(PluginRunner, WhatAnActionNeverNeedsIsForbidden) {
  ::setenv("OBSERVERD_TEST_SECRET", "postgresql://user:secret@host/", 1);
  Opened plugin("wild");
  EXPECT_THAT(deliver_one(plugin, "forbidden").code, IsEmpty()) << "this worked";
  EXPECT_EQ(runner(plugin).restarts, 0U);
  EXPECT_EQ(deliver_one(plugin, "threads").code, "threads_work");
  ::unsetenv("OBSERVERD_TEST_SECRET");
}

/// From here on Landlock is not to be had by this thread and what it starts, as under a service
/// manager or container whose filter does not know it.
bool deny_landlock() {
  std::array<sock_filter, 4> code{
      sock_filter BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_landlock_create_ruleset, 0, 1),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
      sock_filter BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program{code.size(), code.data()};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

TEST_F(PluginRunner, LooksIntoTheHostNoMoreWhereThereIsNoLandlock) {
  // In a process of its own, as the filter stays. Its parent is what the runner's parent is.
  EXPECT_EXIT(
      {
        ItemResult result;
        if (deny_landlock()) {
          Opened plugin("wild");
          result = deliver_one(plugin, "forbidden");
        }
        std::cerr << "it could: " << result.code << ";" << std::endl;
        std::_Exit(result.outcome == Outcome::Delivered ? 0 : 1);
      },
      ::testing::ExitedWithCode(0), "it could: ;");
}

struct Death {
  const char* settings;
  const char* last_error;
};
class PluginRunnerDeath : public PluginRunner, public ::testing::WithParamInterface<Death> {};

TEST_P(PluginRunnerDeath, CostsTheUnreportedItemsARetryAndIsSaid) {
  const std::string how = GetParam().settings;
  if (is_sanitized && how != "abort") GTEST_SKIP() << "under a sanitizer it ends otherwise";
  Opened plugin("wild");
  ASSERT_TRUE(plugin.module->start().ok());
  Results results;
  deliver(plugin, results, {"fine", GetParam().settings, "fine"});
  EXPECT_EQ(results.reports(), 3U);
  EXPECT_EQ(results.of(0).outcome, Outcome::Delivered) << "was reported before";
  EXPECT_EQ(results.of(1).outcome, Outcome::Unknown);
  EXPECT_EQ(results.of(2).outcome, Outcome::Unknown);
  EXPECT_THAT(results.of(1).message, HasSubstr(GetParam().last_error));
  EXPECT_THAT(runner(plugin).last_error, HasSubstr(GetParam().last_error));
  EXPECT_TRUE(plugin.services.said("OB017"));
  EXPECT_EQ(deliver_one(plugin, "fine").outcome, Outcome::Delivered) << "it was started again";
  EXPECT_EQ(runner(plugin).restarts, 1U);
}

INSTANTIATE_TEST_SUITE_P(, PluginRunnerDeath,
                         ::testing::Values(Death{"segv", "signal 11"}, Death{"abort", "signal 6"},
                                           Death{"exit", "exited with status 7"},
                                           Death{"memory", "signal 6"}),
                         [](const auto& info) { return std::string(info.param.settings); });

TEST_F(PluginRunner, ThatHangsIsEndedWhenItsDeliveryIsGivenUp) {
  Opened plugin("wild");
  Results results;
  std::thread watchdog;
  plugin.module->deliver({plugin.item("\"hang\"")}, std::chrono::steady_clock::now() + 30s,
                         results.report(), [&](const std::shared_ptr<Call>& call) {
                           watchdog = std::thread([call] { call->give_up("no report"); });
                         });
  watchdog.join();
  EXPECT_EQ(results.of(0).outcome, Outcome::Unknown);
  EXPECT_EQ(results.of(0).message, "no report");
  EXPECT_EQ(plugin.module->abandoned(), 0U) << "the thread is not left to it";
  EXPECT_EQ(deliver_one(plugin, "fine").outcome, Outcome::Delivered);
}

TEST_F(PluginRunner, AnItemThatEndsItThreeTimesIsPoisonAndItsBatchMatesGetThrough) {
  Opened plugin("wild");
  const std::vector<std::string> settings{"fine", "fine", "segv", "fine"};
  std::vector<Outcome> outcomes(settings.size(), Outcome::Unknown);
  std::vector<int> tries(settings.size(), 0);
  ItemResult poison;
  for (int round = 0; round < 5; ++round) {
    std::vector<Item> items;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < settings.size(); ++i) {
      if (outcomes[i] != Outcome::Unknown && outcomes[i] != Outcome::Cancelled) continue;
      items.push_back(plugin.item("\"" + settings[i] + "\"", "id-" + std::to_string(i)));
      which.push_back(i);
    }
    Results results;
    plugin.module->deliver(std::move(items), std::chrono::steady_clock::now() + 30s,
                           results.report());
    for (std::uint32_t i = 0; i < which.size(); ++i) {
      outcomes[which[i]] = results.of(i).outcome;
      ++tries[which[i]];
      if (which[i] == 2) poison = results.of(i);
    }
  }
  EXPECT_THAT(outcomes, ::testing::ElementsAre(Outcome::Delivered, Outcome::Delivered,
                                               Outcome::Rejected, Outcome::Delivered));
  EXPECT_THAT(tries, ::testing::ElementsAre(1, 1, 3, 3)) << "a suspect goes alone";
  EXPECT_TRUE(poison.poison);
  EXPECT_EQ(poison.code, "poison");
}

TEST_F(PluginRunner, KeepsWhatWasBoundAndStartedOverARestart) {
  Opened plugin("good");
  ASSERT_TRUE(plugin.module->start().ok());
  const auto second = plugin.module->bind(R"({"lane":1})", plugin.diagnostics);
  for (int round = 0; round < 3; ++round) {
    const pid_t pid = runner(plugin).pid;
    ASSERT_GT(pid, 0);
    ::kill(pid, SIGKILL);
    ASSERT_TRUE(comes_true([&] {
      const RunnerState state = runner(plugin);
      return state.pid > 0 && state.pid != pid;
    }));
    Results results;
    Item item = plugin.item("{}", "id-" + std::to_string(round));
    item.action = second.get();
    plugin.module->deliver({item}, std::chrono::steady_clock::now() + 30s, results.report());
    EXPECT_EQ(results.of(0).outcome, Outcome::Delivered) << "started, so not misconfigured";
  }
  EXPECT_EQ(runner(plugin).restarts, 3U);
}

TEST_F(PluginRunner, OutputGoesToTheLog) {
  Opened plugin("wild");
  deliver_one(plugin, "output");
  EXPECT_TRUE(comes_true([&] { return plugin.services.said("text=out of turn"); }));
}

TEST_F(PluginRunner, CannotFloodTheLog) {
  Opened plugin("wild");
  EXPECT_EQ(deliver_one(plugin, "flood").outcome, Outcome::Delivered);
  EXPECT_LT(plugin.services.lines().size(), 5000U);
  EXPECT_GT(plugin.services.lines().size(), 1000U);
}

TEST_F(PluginRunner, AnItemThatDoesNotFitIsADeadLetterAndNothingElseSuffers) {
  Opened plugin("wild");
  Item large = plugin.item("\"fine\"", "large");
  large.event_json = std::make_shared<const std::string>(std::size_t{65} << 20, 'x');
  Results results;
  plugin.module->deliver({plugin.item("\"fine\"", "a"), large, plugin.item("\"fine\"", "b")},
                         std::chrono::steady_clock::now() + 30s, results.report());
  EXPECT_EQ(results.of(0).outcome, Outcome::Delivered);
  EXPECT_EQ(results.of(1).outcome, Outcome::Rejected);
  EXPECT_EQ(results.of(1).code, "item_too_large");
  EXPECT_EQ(results.of(2).outcome, Outcome::Delivered);
}

// Each direction has more on its way than the socket holds, and nobody waits for the other.
TEST_F(PluginRunner, LargeBatchesAndManyLinesDoNotBlockEachOther) {
  Opened plugin("good");
  ASSERT_TRUE(plugin.module->start().ok());
  std::vector<Item> items;
  for (int i = 0; i < 8; ++i) {
    items.push_back(plugin.item("{}", "id-" + std::to_string(i)));
    items.back().event_json = std::make_shared<const std::string>(std::size_t{4} << 20, 'x');
  }
  Results results;
  plugin.module->deliver(std::move(items), std::chrono::steady_clock::now() + 30s,
                         results.report());
  for (std::uint32_t i = 0; i < 8; ++i) EXPECT_EQ(results.of(i).outcome, Outcome::Delivered);
}

TEST_F(PluginRunner, ALibraryThatCannotBeLoadedIsAFaultyEntryThatSaysWhy) {
  const struct {
    const char* fixture;
    const char* part;
  } cases[] = {{"aborts_on_load", "was killed by signal 6"},
               {"null_table", "entry function returned NULL"},
               {"bad_schema", "malformed action_schema"},
               {"undefined_symbol", "undefined symbol"}};
  for (const auto& [fixture, part] : cases) {
    TempDirectory directory;
    directory.add_fixture(fixture);
    EXPECT_THAT(fault_of(directory, Isolation::Process),
                AllOf(HasSubstr("OB016"), HasSubstr(directory.path().string()), HasSubstr(part)));
  }
}

TEST_F(PluginRunner, AFileThatChangesUnderItIsNotRun) {
  TempDirectory directory;
  const auto file = directory.add_fixture("good");
  RecordingServices services;
  const auto registry = load(directory, services, Isolation::Process);
  std::ofstream(file, std::ios::app) << "x";
  Diagnostics diagnostics;
  EXPECT_EQ(open_module(*registry->find("good"), "{}", services, diagnostics), nullptr);
  EXPECT_THAT(diagnostics.errors().at(0).to_string(),
              HasSubstr("has changed since it was checked"));
}

TEST_F(PluginRunner, IsolationIsDecidedByStemThenByTypeThenByTrust) {
  TempDirectory directory;
  directory.add_fixture("good", "acme");
  const struct {
    bool trusted;
    std::map<std::string, Isolation> isolation;
    Isolation expected;
  } cases[] = {
      {true, {}, Isolation::InProcess},
      {false, {}, Isolation::Process},
      {true, {{"acme", Isolation::Process}}, Isolation::Process},
      {true, {{"good", Isolation::Process}}, Isolation::Process},
      {false, {{"good", Isolation::InProcess}}, Isolation::InProcess},
      {false, {{"acme", Isolation::InProcess}}, Isolation::InProcess},
      {true, {{"other", Isolation::Process}}, Isolation::InProcess},
  };
  RecordingServices services;
  for (const auto& [trusted, isolation, expected] : cases) {
    Policy policy = policy_for(directory, trusted ? Isolation::InProcess : Isolation::Process);
    policy.isolation = isolation;
    Diagnostics diagnostics;
    const auto registry = Registry::load(policy, services, diagnostics);
    EXPECT_EQ(registry->entries().front()->isolation, expected)
        << registry->entries().front()->reason.to_string();
    EXPECT_EQ(registry->find("good")->table == nullptr, expected == Isolation::Process);
  }
}

TEST_F(PluginRunner, WithoutAProgramForItNothingIsLoadedHereInstead) {
  TempDirectory directory;
  directory.add_fixture("good");
  Policy policy = policy_for(directory, Isolation::Process);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{}, std::vector<std::string>{"/nowhere/at/all"}}) {
    policy.runner_command = command;
    RecordingServices services;
    Diagnostics diagnostics;
    const auto registry = Registry::load(policy, services, diagnostics);
    EXPECT_EQ(registry->entries().front()->state, State::Faulty);
    EXPECT_EQ(registry->find("good"), nullptr);
  }
}

TEST(PluginSuspects, GoAloneUntilTheyProveHarmless) {
  Suspects suspects;
  EXPECT_FALSE(suspects.blame("b"));
  auto parts = suspects.split({"a", "b", "c"});
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_THAT(parts[0].indices, ::testing::ElementsAre(0U, 2U));
  EXPECT_FALSE(parts[0].alone);
  EXPECT_THAT(parts[1].indices, ::testing::ElementsAre(1U));
  EXPECT_TRUE(parts[1].alone);
  suspects.clear("b");
  EXPECT_EQ(suspects.split({"a", "b", "c"}).size(), 1U);
  EXPECT_FALSE(suspects.blame("b"));
  EXPECT_FALSE(suspects.blame("b"));
  EXPECT_TRUE(suspects.blame("b"));
  EXPECT_EQ(suspects.split({"b"}).front().alone, false) << "sent again by hand it begins anew";
}

}  // namespace
}  // namespace observerd::plugin
