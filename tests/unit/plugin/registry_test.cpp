#include "plugin/registry.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <cstdlib>
#include <thread>

#include "plugin/candidate.hpp"
#include "unit/plugin/fixtures.hpp"

namespace observerd::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(PluginRegistry, LoadsAPluginAndKnowsWhatItSays) {
  TempDirectory directory;
  const fs::path file = directory.add_fixture("good");
  RecordingServices services;
  const auto registry = load(directory, services);
  ASSERT_EQ(registry->entries().size(), 1U);
  const Entry& entry = *registry->entries().front();
  ASSERT_EQ(entry.state, State::Loaded) << entry.reason.to_string();
  EXPECT_EQ(entry.path, file);
  EXPECT_EQ(entry.stem, "good");
  EXPECT_EQ(entry.version, "1.2.3");
  EXPECT_EQ(entry.abi_major, 1);
  EXPECT_EQ(entry.sha256.size(), 64U);
  EXPECT_THAT(entry.types, ElementsAre("good"));
  EXPECT_THAT(registry->type_names(), ElementsAre("good"));
  const ActionType* type = registry->find("good");
  ASSERT_NE(type, nullptr);
  EXPECT_EQ(type->entry, &entry);
  EXPECT_EQ(type->max_batch, 8);
  EXPECT_TRUE(services.said("plugin loaded"));
}

struct Fault {
  const char* fixture;
  std::vector<const char*> parts;
};

class PluginFault : public ::testing::TestWithParam<Fault> {};

TEST_P(PluginFault, IsANamedEntry) {
  TempDirectory directory;
  directory.add_fixture(GetParam().fixture);
  ::unsetenv("OBSERVERD_FIXTURE_RAN");
  const std::string reason = fault_of(directory);
  EXPECT_THAT(reason, AllOf(HasSubstr("OB016"), HasSubstr(directory.path().string())));
  for (const char* part : GetParam().parts) EXPECT_THAT(reason, HasSubstr(part));
  EXPECT_THAT(reason, Not(HasSubstr("/proc/self")));
  EXPECT_EQ(std::getenv("OBSERVERD_FIXTURE_RAN"), nullptr) << "code ran before the checks passed";
}

INSTANTIATE_TEST_SUITE_P(
    PluginRegistry, PluginFault,
    ::testing::Values(
        Fault{"no_note", {"no .note.observerd", "OBSERVERD_PLUGIN"}},
        Fault{"wrong_major", {"built for plugin ABI 2.0", "this host speaks 1.0"}},
        Fault{"too_new", {"needs a host with plugin ABI 1.99", "this host speaks 1.0", "update"}},
        Fault{"exports_too_much", {"exports too much", "2 symbols", "fixture_leaked_symbol"}},
        Fault{"exports_unique", {"exports too much"}},
        Fault{"executable_stack", {"executable stack", "noexecstack"}},
        Fault{"undefined_symbol",
              {"undefined symbol", "observerd_fixture_that_nobody_defines", "-z,defs"}},
        Fault{"missing_dependency", {"libfixture_dependency.so", "ldd '"}},
        Fault{"null_table", {"entry function returned NULL"}},
        Fault{"contradicts", {"contradicts itself", "7"}},
        Fault{"null_deliver", {"null_deliver", "required function deliver"}},
        Fault{"bad_type", {"[a-z][a-z0-9_-]{0,31}", "Bad Type"}},
        Fault{"bad_schema", {"bad_schema", "malformed action_schema"}},
        Fault{"unknown_keyword", {"action_schema", "cannot honour", "propertyNames"}}),
    [](const auto& info) { return std::string(info.param.fixture); });

TEST(PluginRegistry, NamesWhatIsNoPluginAtAll) {
  const std::string good = read_file(fixture_path("good"));
  const struct {
    std::string bytes;
    const char* part;
  } cases[] = {
      {"", "no ELF file"},
      {"just some text\n", "no ELF file"},
      {good.substr(0, good.size() / 3), "truncated"},
      {std::string(100'000, '\0'), "no ELF file"},
  };
  for (const auto& [bytes, part] : cases) {
    TempDirectory directory;
    directory.write("x.so", bytes);
    EXPECT_THAT(fault_of(directory), AllOf(HasSubstr("OB016"), HasSubstr("x.so"), HasSubstr(part)));
  }
}

TEST(PluginRegistry, DoesNotWaitForAFifoNorFollowALoop) {
  TempDirectory directory;
  ASSERT_EQ(::mkfifo((directory / "a.so").c_str(), 0600), 0);
  fs::create_directory(directory / "b.so");
  fs::create_symlink(directory / "c.so", directory / "c.so");
  directory.add_fixture("good", "d");
  RecordingServices services;
  const auto registry = load(directory, services);
  ASSERT_EQ(registry->entries().size(), 4U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(registry->entries()[i]->state, State::Faulty);
  EXPECT_NE(registry->find("good"), nullptr);
}

TEST(PluginRegistry, LooksInNameOrderAndReportsMissingDirectories) {
  TempDirectory first;
  TempDirectory second;
  second.add_fixture("duplicate", "a");
  first.add_fixture("good", "z");
  first.add_fixture("hangs", "b");
  first.write("README", "not looked at");
  Policy policy;
  policy.directories = {first.path().string(), "/nowhere/at/all", "relative",
                        second.path().string()};
  policy.trusted_directories = policy.directories;
  RecordingServices services;
  Diagnostics diagnostics;
  const auto registry = Registry::load(policy, services, diagnostics);
  ASSERT_EQ(registry->entries().size(), 3U);
  EXPECT_EQ(registry->entries()[0]->stem, "b");
  EXPECT_EQ(registry->entries()[1]->stem, "z");
  EXPECT_EQ(registry->entries()[2]->stem, "a");
  ASSERT_EQ(diagnostics.warnings().size(), 2U);
  EXPECT_THAT(diagnostics.warnings()[0].to_string(), HasSubstr("/nowhere/at/all"));
  EXPECT_THAT(diagnostics.warnings()[1].to_string(), HasSubstr("not an absolute path"));
}

TEST(PluginRegistry, RefusesASecondPluginForATypeNamingBothFiles) {
  TempDirectory directory;
  directory.add_fixture("good", "a");
  directory.add_fixture("duplicate", "b");
  RecordingServices services;
  const auto registry = load(directory, services);
  ASSERT_EQ(registry->entries().size(), 2U);
  EXPECT_EQ(registry->entries()[0]->state, State::Loaded);
  EXPECT_THAT(registry->entries()[1]->reason.to_string(),
              AllOf(HasSubstr("\"good\""), HasSubstr("/a.so"), HasSubstr("/b.so")));
  EXPECT_EQ(registry->find("good")->entry, registry->entries()[0].get());
}

TEST(PluginRegistry, PassesOverLinksToAFileThatItHasSeen) {
  TempDirectory directory;
  directory.add_fixture("good", "a");
  fs::create_hard_link(directory / "a.so", directory / "b.so");
  fs::create_symlink(directory / "a.so", directory / "c.so");
  RecordingServices services;
  EXPECT_EQ(load(directory, services)->entries().size(), 1U);
}

// The dynamic linker remembers /proc/self/fd/N: with the descriptor closed, the next file under
// that number would be taken for the first.
TEST(PluginRegistry, EachFileIsItsOwnLibrary) {
  RecordingServices services;
  TempDirectory first;
  first.add_fixture("good");
  const auto one = load(first, services);
  TempDirectory second;
  second.add_fixture("hangs");
  const auto two = load(second, services);
  const auto one_again = load(first, services);
  TempDirectory third;
  third.add_fixture("async");
  const auto three = load(third, services);
  EXPECT_NE(one->find("good"), nullptr);
  EXPECT_NE(two->find("hangs"), nullptr);
  EXPECT_NE(one_again->find("good"), nullptr);
  EXPECT_NE(three->find("async"), nullptr);
  EXPECT_EQ(one->find("good")->setup, one_again->find("good")->setup);
}

TEST(PluginRegistry, SaysThatAReplacedFileNeedsARestart) {
  TempDirectory directory;
  directory.add_fixture("good");
  RecordingServices services;
  const auto before = load(directory, services);
  directory.add_fixture("hangs", "new");
  fs::rename(directory / "new.so", directory / "good.so");
  const Policy policy = policy_for(directory);
  Diagnostics diagnostics;
  const auto after = Registry::load(policy, services, diagnostics);
  ASSERT_EQ(diagnostics.warnings().size(), 1U);
  EXPECT_THAT(diagnostics.warnings()[0].to_string(),
              AllOf(HasSubstr("has changed"), HasSubstr("restart")));
  EXPECT_NE(after->find("good"), nullptr) << "the loaded code stays in use";
}

/// A library is never unloaded, so what it keeps goes on after a reload, and the destructors of its
/// thread_locals have their code when a thread ends later than the last registry.
TEST(PluginRegistry, StateOfALibraryOutlivesAReload) {
  TempDirectory directory;
  directory.add_fixture("keeps_state");
  for (int round = 1; round <= 3; ++round) {
    std::string told;
    std::thread([&] {
      RecordingServices services;
      Diagnostics diagnostics;
      const auto registry = load(directory, services);
      const ActionType* type = registry->find("keeps_state");
      ASSERT_NE(type, nullptr) << registry->entries()[0]->reason.to_string();
      const auto module = open_module(*type, "{}", services, diagnostics);
      ASSERT_NE(module, nullptr);
      const auto action = module->bind("{}", diagnostics);
      Item item;
      item.action = action.get();
      item.event_json = item.settings_json = std::make_shared<const std::string>("{}");
      Results results;
      module->deliver({item}, std::chrono::steady_clock::now() + std::chrono::seconds(30),
                      results.report(), {});
      ASSERT_TRUE(results.wait_for(1));
      told = results.of(0).remote_id;
    }).join();
    EXPECT_EQ(told, std::to_string(round) + " 1");
  }
}

TEST(PluginRegistry, TheProcessIgnoresSigpipeOnceItHoldsPlugins) {
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  TempDirectory directory;
  RecordingServices services;
  load(directory, services);
  struct sigaction now = {};
  ::sigaction(SIGPIPE, nullptr, &now);
  EXPECT_EQ(now.sa_handler, SIG_IGN);
  std::signal(SIGPIPE, before);
}

TEST(PluginRegistry, FindsTheFaultyFileThatAUserMeans) {
  TempDirectory directory;
  directory.add_fixture("no_note", "observerd-webhook");
  directory.add_fixture("good", "a");
  directory.add_fixture("duplicate", "b");
  RecordingServices services;
  const auto registry = load(directory, services);
  ASSERT_NE(registry->find_faulty("webhook"), nullptr);
  EXPECT_EQ(registry->find_faulty("webhook")->stem, "observerd-webhook");
  EXPECT_EQ(registry->find_faulty("good")->stem, "b");
  EXPECT_EQ(registry->find_faulty("slack"), nullptr);
}

TEST(PluginRegistry, InspectsAFileWithoutRunningIt) {
  TempDirectory directory;
  const Policy policy;
  const Entry good = Registry::inspect(directory.add_fixture("undefined_symbol"), policy);
  EXPECT_EQ(good.state, State::Loaded) << good.reason.to_string();
  EXPECT_EQ(good.abi_major, 1);
  const Entry bad = Registry::inspect(directory.add_fixture("too_new"), policy);
  EXPECT_EQ(bad.state, State::Faulty);
  EXPECT_EQ(bad.min_host_minor, 99);
}

TEST(PluginRegistry, KnowsTrustedDirectories) {
  TempDirectory directory;
  const fs::path file = directory.add_fixture("good");
  Policy policy;
  EXPECT_FALSE(Registry::inspect(file, policy).trusted);
  policy.trusted_directories = {"/nowhere", directory.path().string() + "/"};
  EXPECT_TRUE(Registry::inspect(file, policy).trusted);
}

TEST(PluginRegistry, OldPluginInNewHostLacksOnlyWhatCameLater) {
  Opened old("old_plugin");
  ASSERT_NE(old.action, nullptr);
  bool supported = true;
  EXPECT_TRUE(old.module->probe(*old.action, supported).ok());
  EXPECT_FALSE(supported) << "a slot behind struct_size was read";
  old.deliver(old.items(1));
  EXPECT_EQ(old.results.of(0).outcome, Outcome::Delivered);
}

TEST(PluginRegistry, NewPluginInOldHostIsReadAsFarAsKnown) {
  Opened newer("newer_plugin");
  ASSERT_NE(newer.action, nullptr);
  EXPECT_EQ(newer.registry->entries()[0]->abi_minor, 5);
  EXPECT_EQ(newer.registry->find("newer_plugin")->table->struct_size,
            sizeof(observerd_action_type) + 8 + 32);
  newer.deliver(newer.items(2));
  EXPECT_EQ(newer.results.reports(), 2U);
  EXPECT_EQ(newer.results.of(1).outcome, Outcome::Delivered);
}

TEST(PluginNegotiation, TakesTheHostsVersionIntoAccount) {
  const AbiNote note{1, 3, 2, sizeof(void*)};
  EXPECT_TRUE(check_note(note, {1, 2}).ok());
  EXPECT_TRUE(check_note(note, {1, 9}).ok());
  EXPECT_THAT(check_note(note, {1, 1}).to_string(),
              AllOf(HasSubstr("needs a host with plugin ABI 1.2"), HasSubstr("speaks 1.1")));
  EXPECT_THAT(check_note(note, {2, 9}).to_string(),
              AllOf(HasSubstr("built for plugin ABI 1.3"), HasSubstr("speaks 2.9")));
  EXPECT_THAT(check_note(AbiNote{1, 0, 0, 4}, {1, 0}).to_string(), HasSubstr("pointers of 4"));
}

// dlclose with a live thread, or before a thread-exit destructor ran, crashes.
TEST(PluginRegistry, LibrariesOutliveTheRegistry) {
  { Opened opened("leaves_thread"); }
  { Opened opened("good"); }
  SUCCEED();
}

}  // namespace
}  // namespace observerd::plugin
