#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "fixture.hpp"
#include "support/sanitizer.hpp"

/// `check`: what it finds, where, and what it costs.
namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr const char* kTwoObservers = R"({
  "observers": [
    { "name": "first", "entity": "Order", "actions": [ { "type": "log" } ] },
    { "name": "second", "entity": "Order", "actions": [ { "type": "log" } ] }
  ]
}
)";

TEST(Cli, CheckOfAGoodConfiguration) {
  Installation installation(fresh_database());
  installation.configure(kTwoObservers);
  EXPECT_THAT(installation.must({"check"}), StartsWith("ok: 2 observers, "));
  const std::string output = installation.must({"check", "--json"});
  EXPECT_EQ(against_schema("check", output), "");
  EXPECT_THAT(parsed(output).find("findings")->items(), IsEmpty());
}

TEST(Cli, FilesOfConfDAreMergedInOrder) {
  Installation installation(fresh_database());
  installation.configure(kTwoObservers);
  write_text(installation.directory() / "conf.d/20-more.json", R"({
  // comments and trailing commas are fine
  "observers": [ { "name": "third", "entity": "Order", "actions": [ { "type": "log" } ] }, ],
}
)");
  write_text(installation.directory() / "conf.d/30-ignored.json.bak", "no JSON");
  EXPECT_THAT(installation.must({"check"}), StartsWith("ok: 3 observers, "));

  write_text(installation.directory() / "conf.d/40-again.json", R"({
  "observers": [ { "name": "third", "entity": "Order", "actions": [ { "type": "log" } ] } ]
}
)");
  const CommandResult twice = installation.cli({"check"});
  EXPECT_EQ(twice.exit, 3);
  EXPECT_THAT(twice.err, AllOf(HasSubstr("40-again.json:2:"), HasSubstr("\"third\"")));
}

TEST(Cli, AllMistakesAreReportedAtOnceWithTheirPlaces) {
  Installation installation(fresh_database());
  installation.configure(R"({
  "runtime": { "queue_event": 10 },
  "observers": [
    { "name": "one", "entity": "Order",
      "when": "total >",
      "actions": [
        { "type": "webhok",
          "url": "https://example.com/" },
        { "type": "webhook" } ] },
    { "name": "two", "entity": "Order", "actions": [
        { "type": "log",
          "timeout": "5 parsecs" } ] }
  ]
}
)");
  const CommandResult text = installation.cli({"check"});
  EXPECT_EQ(text.exit, 3);
  EXPECT_THAT(text.out, IsEmpty());
  const std::string file = installation.directory() / "conf.d/10-test.json";
  const struct {
    std::string code, line, pointer, says;
  } expected[] = {
      {"OB001", "2", "/runtime/queue_event", "did you mean \"queue_events\"?"},
      {"OB003", "5", "/observers/0/when", "the end of the condition"},
      {"OB014", "7", "/observers/0/actions/0/type", "did you mean \"webhook\"?"},
      {"OB005", "9", "/observers/0/actions/1/url", "missing"},
      {"OB001", "12", "/observers/1/actions/0/timeout", "duration"},
  };
  for (const auto& one : expected) {
    bool found = false;
    for (const std::string& line : lines(text.err)) {
      // CODE FILE:LINE:COLUMN POINTER: SENTENCE
      if (line.rfind(one.code + " " + file + ":" + one.line + ":", 0) != 0) continue;
      found = found || (line.find(" " + one.pointer + ": ") != std::string::npos &&
                        line.find(one.says) != std::string::npos);
    }
    EXPECT_TRUE(found) << one.code << " " << one.pointer << "\n" << text.err;
  }
  // A line that begins no error is indented.
  for (const std::string& line : lines(text.err)) {
    EXPECT_TRUE(line.rfind("OB0", 0) == 0 || line.rfind("    ", 0) == 0) << line;
  }

  const CommandResult machine = installation.cli({"check", "--json"});
  EXPECT_EQ(machine.exit, 3);
  EXPECT_EQ(against_schema("check", machine.out), "");
  EXPECT_EQ(parsed(machine.out).find("findings")->items().size(), std::size(expected));
}

TEST(Cli, EveryCommandRefusesABrokenConfiguration) {
  Installation installation(fresh_database());
  const std::string event =
      event_file(installation, R"({"kind": "insert", "entity": "Order", "id": "1", "new": {}})");
  installation.configure("{ \"observers\": [ }");
  const std::vector<std::vector<std::string>> commands = {
      {"check"},           {"run", "--once"},   {"migrate"},
      {"capture", "list"}, {"plugins", "list"}, {"dlq", "list"},
      {"dlq", "stats"},    {"status"},          {"test", "--event", event}};
  for (const auto& words : commands) {
    const CommandResult result = installation.cli(words);
    EXPECT_EQ(result.exit, 3) << words[0];
    EXPECT_THAT(result.err, HasSubstr("OB001 ")) << words[0];
    EXPECT_THAT(result.err, HasSubstr("10-test.json:1:")) << words[0];
  }
}

TEST(Cli, AMissingConfigurationFileIsSaid) {
  const Installation installation(fresh_database());
  std::filesystem::remove(installation.config_file());
  const CommandResult result = installation.cli({"check"});
  EXPECT_EQ(result.exit, 3);
  EXPECT_THAT(result.err, AllOf(StartsWith("OB001 "), HasSubstr(installation.config_file())));
}

/// A generous guard: what a configuration without plugins and observers costs is a few milliseconds
/// and megabytes.
TEST(Cli, CheckIsCheap) {
  const Installation installation(fresh_database());
  write_main(installation, R"({"database": {"url": "postgresql://app@localhost/app"}, "plugins": )"
                           R"({"directories": []}})");
  const std::string binary = OBSERVERD_BUILD_DIR "/bin/observerd";
  const std::string config = installation.config_file();
  auto best = std::chrono::milliseconds::max();
  for (int run = 0; run < 5; ++run) {  // the best of some: the machine has other things to do
    const auto start = std::chrono::steady_clock::now();
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(STDOUT_FILENO);
      ::execl(binary.c_str(), binary.c_str(), "check", "--config", config.c_str(), nullptr);
      ::_exit(127);
    }
    int status = 0;
    rusage usage = {};
    ASSERT_EQ(::wait4(child, &status, 0, &usage), child);
    ASSERT_TRUE(WIFEXITED(status));
    ASSERT_EQ(WEXITSTATUS(status), 0);
    best = std::min(best, std::chrono::duration_cast<std::chrono::milliseconds>(
                              std::chrono::steady_clock::now() - start));
    if (!is_sanitized) {
      EXPECT_LT(usage.ru_maxrss, 90 * 1024) << "KiB";
    }
  }
  RecordProperty("milliseconds", static_cast<int>(best.count()));
  EXPECT_LT(best, std::chrono::milliseconds(300));
}

}  // namespace
}  // namespace observerd::testing
