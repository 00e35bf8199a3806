#include "plugin/elf_note.hpp"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <random>

#include "unit/plugin/fixtures.hpp"

namespace observerd::plugin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string reason(std::string_view bytes) {
  const auto facts = read_elf(bytes);
  return facts.ok() ? "" : facts.status().message();
}

TEST(PluginElf, ReadsNoteAndExportsWithoutRunningCode) {
  const auto facts = read_elf(read_file(fixture_path("too_new")));
  ASSERT_TRUE(facts.ok()) << facts.status().to_string();
  ASSERT_TRUE(facts->note.has_value());
  EXPECT_EQ(facts->note->major, 1U);
  EXPECT_EQ(facts->note->minor, 0U);
  EXPECT_EQ(facts->note->min_host_minor, 99U);
  EXPECT_EQ(facts->note->pointer_size, sizeof(void*));
  EXPECT_THAT(facts->exports, ElementsAre("observerd_plugin_entry_v1"));
  EXPECT_EQ(facts->export_count, 1U);
  EXPECT_FALSE(facts->executable_stack);
}

TEST(PluginElf, NoteSurvivesStrip) {
  TempDirectory directory;
  const auto file = directory.add_fixture("good");
  ASSERT_EQ(std::system(("strip --strip-all '" + file.string() + "'").c_str()), 0);
  const auto facts = read_elf(read_file(file));
  ASSERT_TRUE(facts.ok());
  EXPECT_TRUE(facts->note.has_value());
  EXPECT_EQ(facts->export_count, 1U);
}

TEST(PluginElf, SeesAnExecutableStack) {
  EXPECT_TRUE(read_elf(read_file(fixture_path("executable_stack")))->executable_stack);
}

TEST(PluginElf, RefusesWhatIsNoLibraryOfThisMachine) {
  EXPECT_THAT(reason(""), HasSubstr("no ELF file"));
  EXPECT_THAT(reason("#!/bin/sh\necho hello, I am a script and not a library\n"),
              HasSubstr("no ELF file"));
  std::string bytes = read_file(fixture_path("good"));
  EXPECT_THAT(reason(bytes.substr(0, 40)), HasSubstr("truncated"));
  EXPECT_THAT(reason(bytes.substr(0, 200)), HasSubstr("truncated"));
  EXPECT_THAT(reason(bytes.substr(0, bytes.size() / 4)), HasSubstr("truncated"));
  std::string other = bytes;
  other[offsetof(Elf64_Ehdr, e_machine)] = static_cast<char>(EM_MIPS);
  EXPECT_THAT(reason(other), HasSubstr("another architecture"));
  other = bytes;
  other[EI_CLASS] = ELFCLASS32;
  EXPECT_THAT(reason(other), HasSubstr("another architecture"));
  other = bytes;
  other[offsetof(Elf64_Ehdr, e_type)] = ET_REL;
  EXPECT_THAT(reason(other), HasSubstr("no shared library"));
}

// Every byte of the headers and tables set to hostile values: an answer or an error, never more.
TEST(PluginElf, SurvivesDamagedFiles) {
  const std::string bytes = read_file(fixture_path("good"));
  const std::size_t interesting = std::min<std::size_t>(bytes.size(), 4096);
  for (std::size_t at = 0; at < interesting; ++at) {
    for (const char value : {'\0', '\x7f', '\xff'}) {
      std::string damaged = bytes;
      damaged[at] = value;
      (void)read_elf(damaged);
    }
  }
  std::mt19937 random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string damaged = bytes;
    for (int i = 0; i < 8; ++i) damaged[random() % interesting] = static_cast<char>(random());
    damaged.resize(random() % (bytes.size() + 1));
    (void)read_elf(damaged);
  }
}

}  // namespace
}  // namespace observerd::plugin
