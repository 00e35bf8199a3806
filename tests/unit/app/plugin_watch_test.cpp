#include "app/plugin_watch.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "support/manual_clock.hpp"

namespace observerd::app {
namespace {

namespace fs = std::filesystem;

/// inotify tells at once what this process does: a test needs no waiting, only a clock to move.
class PluginWatchTest : public ::testing::Test {
 protected:
  PluginWatchTest() {
    std::string name = (fs::temp_directory_path() / "plugin-watch-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
  }
  ~PluginWatchTest() override { fs::remove_all(directory_); }

  fs::path path(const std::string& name) const { return directory_ / name; }
  void write(const std::string& name) const { std::ofstream(path(name)) << "x"; }
  bool look() {
    const Result<bool> changed = watch_.look(clock_.steady_now());
    EXPECT_TRUE(changed.ok()) << changed.status().to_string();
    return changed.ok() && *changed;
  }
  /// What is seen once everything that happened until now has come to rest.
  bool settles(Milliseconds after = Milliseconds(1000)) {
    if (look()) return true;
    clock_.advance(after);
    return look();
  }

  fs::path directory_;
  testing::ManualClock clock_;
  PluginWatch watch_;
};

TEST_F(PluginWatchTest, SaysOnceThatAFileCameAndWaitsUntilItIsQuiet) {
  write("before.so");
  watch_.follow({directory_});
  EXPECT_FALSE(settles());
  write("a.so");
  EXPECT_FALSE(look());
  clock_.advance(Milliseconds(200));
  write("b.so");
  EXPECT_FALSE(look());
  clock_.advance(Milliseconds(200));
  EXPECT_FALSE(look());
  clock_.advance(Milliseconds(200));
  EXPECT_TRUE(look());
  EXPECT_FALSE(settles());
}

TEST_F(PluginWatchTest, SeesFilesReplacedRemovedLinkedAndMadeUsable) {
  write("a.so");
  write("new");
  watch_.follow({directory_});
  fs::rename(path("new"), path("a.so"));
  EXPECT_TRUE(settles());
  fs::permissions(path("a.so"), fs::perms::owner_read);
  EXPECT_TRUE(settles());
  fs::create_hard_link(path("a.so"), path("hard.so"));
  EXPECT_TRUE(settles());
  fs::create_symlink(path("a.so"), path("soft.so"));
  EXPECT_TRUE(settles());
  fs::remove(path("a.so"));
  EXPECT_TRUE(settles());
}

TEST_F(PluginWatchTest, PassesOverWhatIsNoPlugin) {
  watch_.follow({directory_});
  write("a.so.tmp");
  write("README");
  fs::create_directory(path("d.so"));
  EXPECT_FALSE(settles());
}

TEST_F(PluginWatchTest, WaitsForAFileThatIsStillWritten) {
  watch_.follow({directory_});
  std::ofstream slow(path("slow.so"));
  slow << "first half" << std::flush;
  EXPECT_FALSE(settles(Milliseconds(10'000)));
  slow << "second half" << std::flush;
  EXPECT_FALSE(settles(Milliseconds(10'000)));
  slow.close();
  EXPECT_TRUE(settles());

  std::ofstream stuck(path("slow.so"));
  write("other.so");
  EXPECT_FALSE(settles(Milliseconds(10'000))) << "both are looked at together";
  clock_.advance(Milliseconds(30'000));
  EXPECT_TRUE(look()) << "a copy that never ends holds up nobody";
}

TEST_F(PluginWatchTest, FollowsADirectoryThatIsMissingAndReplaced) {
  const fs::path later = path("later");
  watch_.follow({later});
  EXPECT_FALSE(settles());
  fs::create_directory(later);
  EXPECT_TRUE(settles());
  write("later/a.so");
  EXPECT_TRUE(settles());
  fs::create_directory(path("other"));
  write("other/a.so");
  fs::rename(later, path("gone"));
  fs::rename(path("other"), later);
  EXPECT_TRUE(settles());
  write("gone/b.so");
  EXPECT_FALSE(settles()) << "the old directory counts no more";
  write("later/b.so");
  EXPECT_TRUE(settles());
  fs::remove_all(later);
  EXPECT_TRUE(settles());
}

TEST_F(PluginWatchTest, FollowsOtherDirectoriesWhenTold) {
  fs::create_directory(path("one"));
  fs::create_directory(path("two"));
  watch_.follow({path("one")});
  watch_.follow({path("two")});
  write("one/a.so");
  EXPECT_FALSE(settles());
  write("two/a.so");
  EXPECT_TRUE(settles());
  watch_.follow({});
  write("two/b.so");
  EXPECT_FALSE(settles());
}

}  // namespace
}  // namespace observerd::app
