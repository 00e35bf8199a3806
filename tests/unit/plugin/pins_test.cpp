#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "plugin/registry.hpp"
#include "unit/plugin/fixtures.hpp"

namespace observerd::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

TEST(PluginPin, HoldsAFileToIt) {
  TempDirectory directory;
  directory.add_fixture("good", "pinned");
  RecordingServices services;
  const std::string digest = load(directory, services)->entries()[0]->sha256;
  for (const std::string key : {"pinned", "good"}) {
    for (const bool right : {true, false}) {
      Policy policy = policy_for(directory);
      policy.sha256[key] = right ? digest : std::string(64, '0');
      Diagnostics diagnostics;
      const auto registry = Registry::load(policy, services, diagnostics);
      const Entry& entry = *registry->entries()[0];
      EXPECT_EQ(entry.state, right ? State::Loaded : State::Faulty);
      if (!right) {
        EXPECT_THAT(entry.reason.to_string(),
                    AllOf(HasSubstr(digest), HasSubstr(std::string(64, '0'))));
      }
    }
  }
}

/// The fixture leaves_mark in a trusted directory, under a name, with a pin; and whether any code
/// of it has run in this process.
struct Marked {
  Marked(const std::string& stem, const std::string& pinned, const std::string& digest = "") {
    directory.add_fixture("leaves_mark", stem);
    ::setenv("OBSERVERD_FIXTURE_MARK", mark().c_str(), 1);
    Policy policy = policy_for(directory);
    policy.sha256[pinned] = digest.empty() ? std::string(64, '0') : digest;
    Diagnostics diagnostics;
    registry = Registry::load(policy, services, diagnostics);
    ::unsetenv("OBSERVERD_FIXTURE_MARK");
  }
  fs::path mark() const { return directory / "mark"; }
  bool ran() const { return fs::exists(mark()); }
  const Entry& entry() const { return *registry->entries().at(0); }

  TempDirectory directory;
  RecordingServices services;
  std::unique_ptr<Registry> registry;
};

TEST(PluginPin, IsComparedBeforeAnyCodeOfTheFileRuns) {
  const struct {
    const char *stem, *pinned;
  } cases[] = {{"acme", "acme"},
               {"libacme", "acme"},
               {"observerd-acme", "acme"},
               {"libacme", "libacme"},
               {"leaves_mark", "leaves_mark"},
               // Nothing in the name tells: its types do, in a process of their own.
               {"innocent", "leaves_mark"}};
  for (const auto& one : cases) {
    const Marked marked(one.stem, one.pinned);
    EXPECT_EQ(marked.entry().state, State::Faulty) << one.stem;
    EXPECT_THAT(marked.entry().reason.to_string(),
                AllOf(HasSubstr("is not the file that is pinned for"), HasSubstr(one.pinned)));
    EXPECT_FALSE(marked.ran()) << one.stem << " pinned as " << one.pinned;
  }
}

TEST(PluginPin, OfAnotherPluginIsNoObstacle) {
  const Marked other("innocent", "acme");
  EXPECT_EQ(other.entry().state, State::Loaded) << other.entry().reason.to_string();
  EXPECT_TRUE(other.ran()) << "the mark is what the test above relies on";
}

TEST(PluginPin, OfTheTypeIsKeptByTheRightFileUnderAnyName) {
  const std::string digest = Marked("innocent", "acme").entry().sha256;
  for (const char* stem : {"innocent", "libleaves_mark"}) {
    const Marked right(stem, "leaves_mark", digest);
    EXPECT_EQ(right.entry().state, State::Loaded) << right.entry().reason.to_string();
  }
}

TEST(PluginPin, MeansAFileByItsStemOrAType) {
  const Marked marked("libacme", "other");
  for (const char* name : {"libacme", "acme", "leaves_mark"}) {
    EXPECT_TRUE(marked.registry->means_plugin(name)) << name;
  }
  EXPECT_FALSE(marked.registry->means_plugin("acm"));
}

}  // namespace
}  // namespace observerd::plugin
