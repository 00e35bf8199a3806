#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>

#include "checker.hpp"

namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::StartsWith;

struct Temporary {
  explicit Temporary(const std::string& text) : path(temporary_file(text)) {}
  ~Temporary() { std::filesystem::remove(path); }
  const std::string path;
};

TEST(PluginCheckUsage, WrongUsageIsExitCode2) {
  const struct {
    std::vector<std::string> arguments;
    const char* says;
  } cases[] = {
      {{}, "name one plugin file"},
      {{"a.so", "b.so"}, "name one plugin file"},
      {{"--jason", "a.so"}, "--jason"},
      {{"--test", "note-fits-hosts", "a.so"}, "did you mean \"note-fits-host\"?"},
      {{"--time-limit", "0", "a.so"}, "--time-limit"},
      {{"--time-limit", "nan", "a.so"}, "--time-limit"},
      {{"--jobs", "100000", "a.so"}, "--jobs"},
      {{"--config", "/nowhere.json", "a.so"}, "cannot be read"},
  };
  for (const auto& wrong : cases) {
    const Checked checked = check_plain(wrong.arguments);
    EXPECT_EQ(checked.exit_code, 2) << wrong.says;
    EXPECT_EQ(checked.out, "");
    EXPECT_THAT(checked.err, AllOf(StartsWith("OB001 "), HasSubstr(wrong.says)));
  }
}

TEST(PluginCheckUsage, HelpAndVersion) {
  const Checked help = check_plain({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("--time-limit"));
  const Checked version = check_plain({"--version"});
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_THAT(version.out, HasSubstr("plugin ABI 1.0"));
}

TEST(PluginCheckUsage, ListFitsItsSchemaAndTheReadme) {
  const Checked listed = check_plain({"--list", "--json"});
  const auto list = json::parse(listed.out, Code::Configuration);
  ASSERT_TRUE(list.ok()) << listed.out;
  EXPECT_EQ(against_schema("plugin-check-list", *list), "");
  std::string table;
  for (const json::Value& test : list->items()) {
    table += "| `" + test.string_or("name") + "` | " + test.string_or("description") + " |\n";
  }
  EXPECT_THAT(read_text(OBSERVERD_SOURCE_DIR "/sdk/check/README.md"), HasSubstr(table))
      << "the table of tests should read\n"
      << table;
}

TEST(PluginCheckUsage, ListOfTestsIsText) {
  EXPECT_THAT(check_plain({"--list"}).out, HasSubstr("note-fits-host  "));
}

TEST(PluginCheckUsage, OneTestBringsAlongWhatItNeeds) {
  const CheckedJson checked = check_json({"--test", "schemas-are-valid", fixture("good")});
  EXPECT_EQ(checked.tests("ok"), (std::set<std::string>{"note-fits-host", "loads-alone",
                                                        "entry-is-pure", "table-matches-note",
                                                        "table-is-complete", "schemas-are-valid"}));
}

TEST(PluginCheckUsage, TextSaysWhatWasSeenAndWhatHelps) {
  const Checked checked = check_plain({fixture("writes_stdout"), "--time-limit", "4"});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(
      checked.out,
      AllOf(HasSubstr("FAILED   writes-nothing-to-stdout\n"),
            HasSubstr("seen:   it wrote: delivering 1 items"), HasSubstr("do:     Log through"),
            HasSubstr("ok       note-fits-host\n"), HasSubstr("does not conform")));
  const Checked brief =
      check_plain({fixture("writes_stdout"), "--only-failed", "--time-limit", "4"});
  EXPECT_THAT(brief.out, AllOf(StartsWith("FAILED   writes-nothing-to-stdout\n"),
                               Not(HasSubstr("ok       ")), Not(HasSubstr("skipped  "))));
}

TEST(PluginCheckUsage, CrashIsToldWithItsPlace) {
  const CheckedJson checked = check_json({fixture("small_array"), "--test", "takes-full-batches"});
  EXPECT_THAT(checked.seen("takes-full-batches"),
              AllOf(HasSubstr("SIGABRT"), HasSubstr("deliver of type \"small_array\"")));
}

TEST(PluginCheckUsage, GivenSettingsAreUsedInsteadOfGeneratedOnes) {
  const Temporary accepted(R"({"null": {"action": {"outcome": "gone"}}, /* none */ "other": {}})");
  EXPECT_EQ(
      check_json({"--config", accepted.path, "--test", "deliver-returns", shipped_plugin("null")})
          .exit_code,
      0);
  const Temporary refused(R"({"null": {"action": {"outcome": "unheard of"}}})");
  const CheckedJson checked =
      check_json({"--config", refused.path, "--test", "opens-and-binds", shipped_plugin("null")});
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.seen("opens-and-binds"), HasSubstr("/outcome: is no outcome"));
  const Temporary slow(R"({"null": {"action": {"delay_ms": 600000}}})");
  EXPECT_EQ(check_json({"--config", slow.path, "--test", "deliver-returns", shipped_plugin("null")})
                .tests("failed"),
            std::set<std::string>{"deliver-returns"});
}

TEST(PluginCheckUsage, MalformedSettingsNameThePlace) {
  const struct {
    const char* text;
    const char* says;
  } cases[] = {{"[", ":1:"},
               {"[]", "is no object"},
               {R"({"null": 1})", " /null: is no object"},
               {R"({"null": {"actions": {}}})", " /null/actions: is neither"},
               {R"({"null": {"action": []}})", " /null/action: is no object"}};
  for (const auto& wrong : cases) {
    const Temporary file(wrong.text);
    const Checked checked = check_plain({"--config", file.path, shipped_plugin("null")});
    EXPECT_EQ(checked.exit_code, 2) << wrong.text;
    EXPECT_THAT(checked.err, AllOf(HasSubstr(file.path), HasSubstr(wrong.says)));
  }
}

TEST(PluginCheckUsage, TimeLimitEndsWhatHangs) {
  const auto begin = std::chrono::steady_clock::now();
  const Checked checked = check_plain({"--time-limit", "0.8", fixture("stuck")});
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
  EXPECT_EQ(checked.exit_code, 1);
  EXPECT_THAT(checked.out, AllOf(HasSubstr("FAILED   deliver-returns"), HasSubstr("1 failed")));
}

TEST(PluginCheckUsage, InProcessFindsTheSame) {
  EXPECT_EQ(check_json({"--in-process", fixture("good")}).exit_code, 0);
  const CheckedJson checked = check_json({"--in-process", fixture("double_reporter")});
  EXPECT_EQ(checked.tests("failed"),
            (std::set<std::string>{"reports-no-item-twice", "reports-only-its-items"}));
  EXPECT_THAT(checked.tests("skipped"),
              IsSupersetOf({"writes-nothing-to-stdout", "starts-no-process"}));
  EXPECT_EQ(check_json({"--in-process", fixture("stuck")}).exit_code, 1);
}

}  // namespace
}  // namespace observerd::testing
