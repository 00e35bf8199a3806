#include "plugin/path_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "unit/plugin/fixtures.hpp"

namespace observerd::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr uid_t nobody = 65534;

std::string verdict(const fs::path& path, uid_t user = ::geteuid()) {
  const auto real = check_path(path, user);
  return real.ok() ? "ok" : real.status().to_string();
}

TEST(PluginPathPolicy, AcceptsAFileThatOnlyRootOrTheDaemonCanWrite) {
  TempDirectory directory;
  const fs::path file = directory.write("a.so", "x");
  const auto real = check_path(file, ::geteuid());
  ASSERT_TRUE(real.ok()) << real.status().to_string();
  EXPECT_EQ(*real, fs::canonical(file));
}

TEST(PluginPathPolicy, DemandsAnAbsolutePath) {
  EXPECT_THAT(verdict("plugins/a.so"), HasSubstr("not an absolute path"));
  EXPECT_THAT(verdict("a.so"), HasSubstr("not an absolute path"));
}

TEST(PluginPathPolicy, NamesFileModeAndRemedyWhenOthersCanWriteIt) {
  TempDirectory directory;
  const fs::path file = directory.write("it's.so", "x");
  for (const mode_t mode : {0664U, 0646U, 0777U}) {
    ::chmod(file.c_str(), mode);
    EXPECT_THAT(verdict(file), AllOf(HasSubstr("OB016"), HasSubstr("it's.so"), HasSubstr("mode"),
                                     HasSubstr("chmod go-w '"), HasSubstr("it'\\''s.so'")));
  }
}

TEST(PluginPathPolicy, NamesTheFirstBadParent) {
  TempDirectory directory;
  fs::create_directories(directory / "outer/inner");
  ::chmod((directory / "outer").c_str(), 0777);
  ::chmod((directory / "outer/inner").c_str(), 0777);
  const fs::path file = directory.write("outer/inner/a.so", "x");
  const std::string text = verdict(file);
  EXPECT_THAT(text, AllOf(HasSubstr("/outer\""), HasSubstr("0777")));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("inner\"")));
}

TEST(PluginPathPolicy, AcceptsAStickyParentOnlyOfRoot) {
  TempDirectory directory;  // itself below /tmp, root's and sticky
  const fs::path file = directory.write("a.so", "x");
  EXPECT_EQ(verdict(file), "ok");
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a directory away";
  ::chmod(directory.path().c_str(), 01777);
  EXPECT_EQ(verdict(file), "ok");
  ASSERT_EQ(::chown(directory.path().c_str(), nobody, 0), 0);
  EXPECT_THAT(verdict(file, nobody), HasSubstr("can be written by others"));
}

TEST(PluginPathPolicy, RefusesAnotherUsersFileAndDirectory) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give a file away";
  TempDirectory directory;
  const fs::path file = directory.write("a.so", "x");
  ASSERT_EQ(::chown(file.c_str(), nobody, 0), 0);
  EXPECT_THAT(verdict(file), AllOf(HasSubstr("belongs to uid 65534"), HasSubstr("chown root")));
  EXPECT_EQ(verdict(file, nobody), "ok");
  ASSERT_EQ(::chown(file.c_str(), 0, 0), 0);
  ASSERT_EQ(::chown(directory.path().c_str(), nobody, 0), 0);
  EXPECT_THAT(verdict(file), HasSubstr("belongs to uid 65534"));
}

TEST(PluginPathPolicy, JudgesWhatALinkLeadsTo) {
  TempDirectory directory;
  const fs::path file = directory.write("a.so", "x");
  fs::create_symlink(file, directory / "link.so");
  EXPECT_EQ(verdict(directory / "link.so"), "ok");
  ::chmod(file.c_str(), 0666);
  EXPECT_THAT(verdict(directory / "link.so"), HasSubstr("a.so"));
}

TEST(PluginPathPolicy, ExplainsLoopsDanglingLinksAndOddFiles) {
  TempDirectory directory;
  fs::create_symlink(directory / "b.so", directory / "a.so");
  fs::create_symlink(directory / "a.so", directory / "b.so");
  EXPECT_THAT(verdict(directory / "a.so"), HasSubstr("form a loop"));
  fs::create_symlink(directory / "nowhere", directory / "c.so");
  EXPECT_THAT(verdict(directory / "c.so"), HasSubstr("link to nowhere"));
  fs::create_directory(directory / "d.so");
  EXPECT_THAT(verdict(directory / "d.so"), HasSubstr("is a directory"));
  ASSERT_EQ(::mkfifo((directory / "e.so").c_str(), 0600), 0);
  EXPECT_THAT(verdict(directory / "e.so"), HasSubstr("is a FIFO"));
}

}  // namespace
}  // namespace observerd::plugin
