#include <gmock/gmock.h>

#include "fixture.hpp"

/// Help, versions and wrong usage.
namespace observerd::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

using Words = std::vector<std::string>;

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// The words of every command: those that --help of each level lists, and the levels themselves.
std::vector<Words> all_commands(const Installation& installation, const Words& above = {}) {
  std::vector<Words> found = {above};
  Words words = above;
  words.emplace_back("--help");
  const std::string help = installation.must(words);
  if (help.find(" COMMAND [OPTION") == std::string::npos) return found;
  for (const std::string& line : lines(help)) {
    if (!line.starts_with("  ")) continue;  // "  NAME  what it does"
    Words below = above;
    below.push_back(line.substr(2, line.find(' ', 2) - 2));
    for (Words& one : all_commands(installation, below)) found.push_back(std::move(one));
  }
  return found;
}

TEST(Cli, HelpIsThereOnEveryLevel) {
  const Installation installation(fresh_database());
  const std::vector<Words> commands = all_commands(installation);
  EXPECT_THAT(commands, IsSupersetOf({Words{}, Words{"init"}, Words{"config", "show"},
                                      Words{"schema"}, Words{"capture", "sync"},
                                      Words{"events", "replay"}, Words{"dlq", "purge"},
                                      Words{"lanes", "resume"}, Words{"observers", "pause"}}));
  for (Words words : commands) {
    const std::string command = joined(words);
    words.emplace_back("--help");
    const CommandResult result = installation.cli(words);
    EXPECT_EQ(result.exit, 0) << command << result.err;
    EXPECT_THAT(result.out,
                StartsWith("Usage: observerd" + (command.empty() ? "" : " " + command)));
    EXPECT_THAT(result.err, IsEmpty()) << command;
    words.pop_back();
    words.insert(words.begin(), "help");
    if (!command.empty() && command != "help") {
      EXPECT_EQ(installation.cli(words).out, result.out) << "help " << command;
    }
  }
}

TEST(Cli, DemoShowsADeliveryADeadLetterAndItsRetry) {
  const Installation installation(fresh_database());
  const std::string shown = installation.must({"demo"});
  EXPECT_THAT(shown, HasSubstr("dead letter"));
}

TEST(Cli, VersionNamesTheAbi) {
  const Installation installation(fresh_database());
  const CommandResult result = installation.cli({"--version"});
  EXPECT_EQ(result.exit, 0);
  EXPECT_THAT(
      result.out,
      MatchesRegex("observerd [0-9]+\\.[0-9]+\\.[0-9]+ \\(plugin ABI [0-9]+\\.[0-9]+\\)\n"));
}

TEST(Cli, WrongUsageIsExitCode2AndSaysWhatWasMeant) {
  const Installation installation(fresh_database());
  const struct {
    Words words;
    std::string says;
  } cases[] = {
      {{"chekc"}, "did you mean \"check\"?"},
      {{"dlq", "lsit"}, "did you mean \"list\"?"},
      {{"plugins", "inof"}, "did you mean \"info\"?"},
      {{"capture"}, "--help"},
      {{"check", "--onlin"}, "there is no option --onlin, did you mean \"--online\"?"},
      {{"capture", "add", "orders"}, "--entity"},
      {{"capture", "add", "orders", "--entity", "O", "--on-error", "explode"}, "abort or skip"},
      {{"capture", "drop"}, "TABLE is needed"},
      {{"eval", "--condition", "1 = 1"}, "--event"},
      {{"test"}, "--event is needed"},
      {{"plugins", "info"}, "TYPE is needed"},
      {{"dlq", "show"}, "an id is needed"},
      {{"dlq", "show", "17"}, "\"17\" is no id"},
      {{"dlq", "list", "--status", "lost"}, "\"lost\" is none of pending, "},
      {{"dlq", "list", "--limit", "0"}, "--limit"},
      {{"dlq", "list", "--since", "yesterday"}, "is no time"},
      {{"help", "OB021"}, "OB001 to OB020"},
      {{"help", "OB000"}, "OB001 to OB020"},
  };
  for (const auto& one : cases) {
    const CommandResult result = installation.cli(one.words);
    EXPECT_EQ(result.exit, 2) << joined(one.words);
    EXPECT_THAT(result.err, HasSubstr(one.says)) << joined(one.words);
    EXPECT_THAT(result.out, IsEmpty()) << joined(one.words);
  }
}

TEST(Cli, EveryErrorNumberIsExplained) {
  const Installation installation(fresh_database());
  for (int number = 1; number <= 20; ++number) {
    const std::string name = (number < 10 ? "OB00" : "OB0") + std::to_string(number);
    const CommandResult text = installation.cli({"help", name});
    EXPECT_EQ(text.exit, 0) << text.err;
    EXPECT_THAT(text.out, StartsWith(name + "  "));
    EXPECT_THAT(text.out, HasSubstr("\nExample:\n"));
    EXPECT_THAT(text.out, HasSubstr("\nWhat to do:\n"));
  }
  const json::Value all = parsed(installation.must({"help", "--json"}));
  EXPECT_EQ(all.items().size(), 20u);
  EXPECT_EQ(against_schema("help", installation.must({"help", "--json"})), "");
  EXPECT_EQ(against_schema("help", installation.must({"help", "ob005", "--json"})), "");
}

}  // namespace
}  // namespace observerd::testing
