#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "checker.hpp"

namespace observerd::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PluginCheckFile : public ::testing::Test {
 protected:
  PluginCheckFile() {
    std::string name = (fs::temp_directory_path() / "plugin-check-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no directory");
    directory_ = name;
  }
  ~PluginCheckFile() override { fs::remove_all(directory_); }

  std::string path(const std::string& name) const { return (directory_ / name).string(); }
  std::string write(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
  }
  /// Refused before any test, by name and with the reason.
  static void expect_refused(const std::string& file, const std::string& reason) {
    const Checked checked = check_plain({file});
    EXPECT_EQ(checked.exit_code, 5) << file;
    EXPECT_EQ(checked.out, "");
    EXPECT_THAT(checked.err, HasSubstr("OB016 \"" + file + "\" "));
    EXPECT_THAT(checked.err, HasSubstr(reason));
  }

  fs::path directory_;
};

TEST_F(PluginCheckFile, MissingOrNoRegularFile) {
  expect_refused(path("absent.so"), "No such file");
  expect_refused(directory_.string(), "is not a regular file");
  ASSERT_EQ(::mkfifo(path("fifo.so").c_str(), 0600), 0);
  expect_refused(path("fifo.so"), "is not a regular file");
  expect_refused("/dev/zero", "is not a regular file");
  fs::create_symlink(path("loop.so"), path("loop.so"));
  expect_refused(path("loop.so"), "cannot be opened");
}

TEST_F(PluginCheckFile, NoElfFile) {
  expect_refused(write("empty.so", ""), "is no ELF file");
  expect_refused(write("text.so", "#!/bin/sh\necho hello\n"), "is no ELF file");
  expect_refused(write("magic.so",
                       "\x7f"
                       "ELF"),
                 "is truncated");
}

TEST_F(PluginCheckFile, CutOrChangedElfFile) {
  const std::string good = read_text(fixture("good"));
  expect_refused(write("half.so", good.substr(0, good.size() / 4)), "is truncated");
  std::string other = good;
  other[18] = '\x7f';  // e_machine
  expect_refused(write("other.so", other), "another architecture");
  std::string program = good;
  program[16] = 2;  // e_type: ET_EXEC
  expect_refused(write("program.so", program), "is no shared library");
}

TEST_F(PluginCheckFile, NoPlugin) {
  expect_refused(fixture("no_note"), "has no .note.observerd");
  expect_refused(checker_program(), "");
}

TEST_F(PluginCheckFile, DamagedBehindItsHeadersIsACrashOfATestAndNotOfTheChecker) {
  const std::string good = read_text(fixture("good"));
  // The code is still announced, and no longer what it was.
  for (const std::size_t from : {std::size_t{4096}, good.size() / 3, good.size() / 2}) {
    std::string damaged = good;
    for (std::size_t i = from; i < std::min(from + 2000, good.size()); ++i) damaged[i] ^= 0x55;
    const Checked checked = check_plain({write("damaged.so", damaged), "--time-limit", "2"});
    EXPECT_THAT(checked.exit_code, ::testing::AnyOf(0, 1, 5)) << checked.out << checked.err;
  }
}

TEST_F(PluginCheckFile, MayLieInADirectoryThatOthersCanWrite) {
  const std::string file = write("good.so", read_text(fixture("good")));
  fs::permissions(directory_, fs::perms::all);
  EXPECT_EQ(check_plain({file, "--test", "loads-alone"}).exit_code, 0);
}

}  // namespace
}  // namespace observerd::testing
