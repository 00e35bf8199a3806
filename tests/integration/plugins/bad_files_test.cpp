#include <elf.h>
#include <gmock/gmock.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/json.hpp"
#include "files.hpp"
#include "support/daemon.hpp"
#include "support/postgres.hpp"

/// Everything that can lie in a directory of plugins and is none: named with the reason and what
/// would help, by `plugins list`, `plugins check` and the daemon, and no code of it runs.
namespace observerd::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// A plugin whose first instruction leaves a file behind: what the bad ones are made from.
std::string mark_bytes() {
  return fixture_bytes("leaves_mark");
}

/// The plugin with one field of its ELF header replaced.
template <typename Field>
std::string with_header(std::size_t offset, Field value) {
  std::string bytes = mark_bytes();
  std::memcpy(bytes.data() + offset, &value, sizeof value);
  return bytes;
}

/// The plugin with one number of its note (major, minor, min_host_minor) replaced.
std::string with_note(std::size_t index, std::uint32_t value) {
  std::string bytes = mark_bytes();
  const std::size_t name = bytes.find(std::string("observerd\0\0\0", 12));
  if (name == std::string::npos) throw std::runtime_error("the plugin has no note");
  std::memcpy(bytes.data() + name + 12 + 4 * index, &value, sizeof value);
  return bytes;
}

/// How much of the plugin the loader needs: the section headers behind it are for tools.
std::size_t loaded_size(const std::string& bytes) {
  Elf64_Ehdr header;
  std::memcpy(&header, bytes.data(), sizeof header);
  std::size_t size = 0;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    std::memcpy(&segment, bytes.data() + header.e_phoff + i * sizeof segment, sizeof segment);
    size = std::max<std::size_t>(size, segment.p_offset + segment.p_filesz);
  }
  return size;
}

void make_socket(const fs::path& path) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0) << path;
  ::close(fd);
}

struct BadFile {
  std::string name;
  std::function<void(const fs::path&)> make;
  std::string reason, help;
};

BadFile made_of(std::string name, std::string bytes, std::string reason, std::string help) {
  return {std::move(name), [bytes](const fs::path& file) { write_file(file, bytes); },
          std::move(reason), std::move(help)};
}

std::vector<BadFile> bad_files() {
  const std::string other = "another architecture", this_machine = "for this machine";
  std::vector<BadFile> out = {
      made_of("text", "#!/bin/sh\necho hello\n", "is no ELF file", this_machine),
      made_of("empty", "", "is no ELF file", this_machine),
      made_of("other_machine", with_header<std::uint16_t>(18, EM_MIPS), other, this_machine),
      made_of("32_bit", with_header<char>(EI_CLASS, ELFCLASS32), "32-bit", this_machine),
      made_of("big_endian", with_header<char>(EI_DATA, ELFDATA2MSB), "big-endian", this_machine),
      made_of("other_major", with_note(0, 2), "built for plugin ABI 2.", "SDK of this host's"),
      made_of("newer_minor", with_note(2, 99), "needs a host with plugin ABI 1.99", "update"),
      made_of("pinned", mark_bytes(), "is not the file that is pinned", "sha256 of the file"),
      {"directory", [](const fs::path& file) { fs::create_directory(file); }, "is a directory",
       "move it elsewhere"},
      {"fifo", [](const fs::path& file) { ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0); },
       "is a FIFO", "move it elsewhere"},
      {"socket", [](const fs::path& file) { make_socket(file); }, "", ""},
      {"device", [](const fs::path& file) { fs::create_symlink("/dev/null", file); }, "/dev/null",
       ""},
      {"loop", [](const fs::path& file) { fs::create_symlink(file, file); }, "form a loop",
       "remove the link"},
      {"dangling", [](const fs::path& file) { fs::create_symlink("/nowhere/x", file); },
       "link to nowhere", "remove the link"},
      {"world_writable",
       [](const fs::path& file) {
         write_file(file, mark_bytes());
         fs::permissions(file, fs::perms(0666));
       },
       "mode is 0666", "chmod go-w"},
      {"open/door",
       [](const fs::path& file) {
         fs::create_directory(file.parent_path());
         write_file(file, mark_bytes());
         fs::permissions(file.parent_path(), fs::perms(0777));
       },
       "open\" can be written by others", "chmod go-w"}};
  if (::geteuid() == 0) {
    out.push_back({"stranger",
                   [](const fs::path& file) {
                     write_file(file, mark_bytes());
                     ASSERT_EQ(::chown(file.c_str(), 65534, 0), 0);
                   },
                   "belongs to uid 65534", "chown root"});
  } else {
    out.push_back({"unreadable",
                   [](const fs::path& file) {
                     write_file(file, mark_bytes());
                     fs::permissions(file, fs::perms(0));
                   },
                   "Permission denied", ""});
  }
  const std::string bytes = mark_bytes();
  for (std::size_t size = 1; size < loaded_size(bytes); size *= 2) {
    out.push_back(made_of("first_" + std::to_string(size), bytes.substr(0, size),
                          size < SELFMAG ? "is no ELF file" : "is truncated",
                          size < SELFMAG ? this_machine : "rename it into place"));
  }
  return out;
}

/// A host with all of them, and beside them one good plugin that an observer uses.
class BadPluginFiles : public ::testing::Test {
 protected:
  BadPluginFiles() : installation_(fresh_database()), files_(bad_files()) {
    json::Value isolation = json::Value::object();
    isolation.set("right", json::Value::string("in-process"));
    for (const BadFile& bad : files_) {
      bad.make(path(bad));
      // Where code that runs would leave its mark.
      isolation.set(path(bad).stem().string(), json::Value::string("in-process"));
    }
    installation_.configure(R"({"plugins": {"directories": [)" +
                            json::quote((installation_.directory() / "plugins/open").string()) +
                            R"(], "isolation": )" + json::write(isolation) +
                            R"(, "sha256": {"pinned": ")" + std::string(64, '0') + R"("}},
      "observers": [{"name": "o", "entity": "Item", "actions": [{"type": "null"}]}]})");
    ::setenv("OBSERVERD_FIXTURE_MARK", mark().c_str(), 1);
  }
  ~BadPluginFiles() override { ::unsetenv("OBSERVERD_FIXTURE_MARK"); }

  fs::path path(const BadFile& bad) const {
    return installation_.directory() / "plugins" / (bad.name + ".so");
  }
  fs::path mark() const { return installation_.directory() / "mark"; }

  Installation installation_;
  const std::vector<BadFile> files_;
};

TEST_F(BadPluginFiles, EachIsListedWithItsReasonAndWhatWouldHelp) {
  const auto list =
      json::parse(installation_.must({"plugins", "list", "--json"}), Code::Configuration);
  ASSERT_TRUE(list.ok());
  for (const BadFile& bad : files_) {
    const json::Value* found = nullptr;
    for (const json::Value& entry : list->items()) {
      if (entry.string_or("path") == path(bad)) found = &entry;
    }
    ASSERT_NE(found, nullptr) << bad.name;
    EXPECT_EQ(found->string_or("state"), "faulty") << bad.name;
    EXPECT_THAT(found->string_or("reason"),
                AllOf(HasSubstr("OB016 "), HasSubstr(bad.reason), HasSubstr(bad.help)))
        << bad.name;
  }
  EXPECT_FALSE(fs::exists(mark())) << "code of a bad plugin ran";

  write_file(installation_.directory() / "plugins/right.so", mark_bytes());
  installation_.must({"plugins", "list"});
  EXPECT_TRUE(fs::exists(mark())) << "this is how it would have shown";
}

TEST_F(BadPluginFiles, EachIsRefusedByCheck) {
  std::vector<std::string> words = {"plugins", "check"};
  for (const BadFile& bad : files_) words.push_back(path(bad));
  const CommandResult checked = installation_.cli(words);
  EXPECT_EQ(checked.exit, 5);
  EXPECT_EQ(checked.out, "");
  for (const BadFile& bad : files_) EXPECT_THAT(checked.err, HasSubstr(bad.reason)) << bad.name;
  write_file(installation_.directory() / "right.so", mark_bytes());
  EXPECT_EQ(installation_.cli({"plugins", "check", installation_.directory() / "right.so"}).exit,
            0);
  EXPECT_FALSE(fs::exists(mark())) << "check runs no code";
}

TEST_F(BadPluginFiles, TheDaemonStartsAndNamesThem) {
  Daemon daemon(installation_, {"--once"});
  EXPECT_EQ(daemon.wait(std::chrono::seconds(60)), 0) << daemon.log();
  for (const BadFile& bad : files_) EXPECT_THAT(daemon.log(), HasSubstr(bad.reason)) << bad.name;
  EXPECT_FALSE(fs::exists(mark())) << "code of a bad plugin ran";
}

TEST(PluginsCheck, NamesLibrariesThatWouldBeMissing) {
  const Installation installation(fresh_database());
  const CommandResult checked = installation.cli(
      {"plugins", "check", OBSERVERD_BUILD_DIR "/tests/plugins/missing_dependency.so"});
  EXPECT_EQ(checked.exit, 5);
  EXPECT_THAT(checked.err, AllOf(HasSubstr("OB016 "), HasSubstr("libfixture_dependency.so"),
                                 HasSubstr("would not find"), HasSubstr("ldconfig")));
}

TEST(PluginsList, TwoFilesOfOneTypeAreNamedAndOneFileUnderTwoNamesIsOne) {
  Installation installation(fresh_database());
  installation.add_plugin("good");
  installation.add_plugin("duplicate");
  const fs::path plugins = installation.directory() / "plugins";
  fs::create_hard_link(plugins / "good.so", plugins / "same.so");
  const std::string list = installation.must({"plugins", "list"});
  EXPECT_THAT(list, AllOf(HasSubstr("provides the action type \"good\", as does"),
                          HasSubstr("remove one of the two files"), Not(HasSubstr("same.so"))));
}

}  // namespace
}  // namespace observerd::testing
