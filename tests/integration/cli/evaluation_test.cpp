#include <gmock/gmock.h>

#include "fixture.hpp"

/// `eval` and `test`: conditions and requests, tried without sending anything.
namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kShipped = R"({
  "kind": "update", "entity": "Order", "id": "7",
  "new": {"id": 7, "status": "shipped", "total": 150.50, "region": "a b"},
  "old": {"id": 7, "status": "paid", "total": 150.50, "region": "a b"}
}
)";

TEST(Cli, EvalAnswersByItsExitCode) {
  const Installation installation(fresh_database());
  const std::string event = event_file(installation, kShipped);
  const struct {
    std::string condition;
    int exit;
    std::string first_line, result;
  } cases[] = {
      {"status_changed_to('shipped') && total > 100", 0, "true", "true"},
      {"total = 150.5", 0, "true", "true"},
      {"total > 1000", 1, "false", "false"},
      {"no_such_field > 1", 6, "error: OB004 ", "error"},
  };
  for (const auto& one : cases) {
    const std::vector<std::string> words = {"eval", "--condition", one.condition, "--event", event};
    const CommandResult text = installation.cli(words);
    EXPECT_EQ(text.exit, one.exit) << one.condition;
    EXPECT_THAT(text.out, StartsWith(one.first_line)) << one.condition;

    std::vector<std::string> more = words;
    more.emplace_back("--json");
    const CommandResult machine = installation.cli(more);
    EXPECT_EQ(machine.exit, one.exit) << one.condition;
    EXPECT_EQ(against_schema("eval", machine.out), "") << one.condition;
    EXPECT_EQ(parsed(machine.out).string_or("result"), one.result);
  }
}

TEST(Cli, EvalOfBadInput) {
  const Installation installation(fresh_database());
  const std::string event = event_file(installation, kShipped);
  const CommandResult syntax = installation.cli({"eval", "--condition", "a >", "--event", event});
  EXPECT_EQ(syntax.exit, 3);
  EXPECT_THAT(syntax.err, AllOf(StartsWith("OB003 1:4: "), HasSubstr("\n    a >\n       ^\n")));
  EXPECT_THAT(syntax.out, IsEmpty());

  const std::vector<std::string> words = {"eval", "--condition", "true", "--event", event};
  write_text(event, "{\"kind\": \"update\",\n  \"entity\": }");
  const CommandResult broken = installation.cli(words);
  EXPECT_EQ(broken.exit, 3);
  EXPECT_THAT(broken.err, StartsWith("OB020 " + event + ":2:"));

  std::filesystem::remove(event);
  const CommandResult gone = installation.cli(words);
  EXPECT_EQ(gone.exit, 3);
  EXPECT_THAT(gone.err, AllOf(StartsWith("OB020 "), HasSubstr(event)));
}

constexpr const char* kObservers = R"({
  "observers": [
    { "name": "shipped", "entity": "Order", "events": ["update"],
      "when": "status_changed_to('shipped') && total > 100",
      "actions": [ { "type": "webhook", "url": "https://erp.example.com/hooks/{{ region }}",
                     "headers": { "X-Key": "{{ id }}" },
                     "body": { "order": "{{ id }}", "total": "{{ total }}" } } ] },
    { "name": "cheap", "entity": "Order", "when": "total < 10", "actions": [ { "type": "log" } ] },
    { "name": "deleted", "entity": "Order", "events": ["delete"], "actions": [ { "type": "log" } ] },
    { "name": "odd", "entity": "Order", "when": "no_such_field = 1", "actions": [ { "type": "log" } ] },
    { "name": "unrendered", "entity": "Order",
      "actions": [ { "type": "log", "message": "{{ no_such_field }}" } ] },
    { "name": "other", "entity": "Customer", "actions": [ { "type": "log" } ] }
  ]
}
)";

TEST(Cli, TestShowsMatchesReasonsAndTheExactRequest) {
  Installation installation(fresh_database());
  installation.configure(kObservers);
  const std::string event = event_file(installation, kShipped);
  const std::string text = installation.must({"test", "--event", event});
  EXPECT_THAT(text, HasSubstr("shipped: matches, its condition is true"));
  EXPECT_THAT(text, HasSubstr("POST https://erp.example.com/hooks/a%20b\n"));
  EXPECT_THAT(text, HasSubstr("X-Key: 7\n"));
  EXPECT_THAT(text, HasSubstr(R"({"order":7,"total":150.50})"));
  EXPECT_THAT(text, HasSubstr("cheap: does not match, its condition is false"));
  EXPECT_THAT(text, HasSubstr("total < 10  →  false"));
  EXPECT_THAT(text, HasSubstr("deleted: does not match, it does not watch update events"));
  EXPECT_THAT(text, HasSubstr("odd: does not match, OB004 "));
  EXPECT_THAT(text, HasSubstr("OB008 "));
  EXPECT_THAT(text, Not(HasSubstr("other:")));

  const std::string output = installation.must({"test", "--event", event, "--json"});
  EXPECT_EQ(against_schema("test", output), "");
  EXPECT_EQ(parsed(output).find("observers")->items().size(), 5u);
}

TEST(Cli, TestWithoutAMatchIsExitCode1) {
  Installation installation(fresh_database());
  installation.configure(kObservers);
  const std::string event =
      event_file(installation, R"({"kind": "insert", "entity": "Invoice", "id": "1", "new": {}})");
  const CommandResult text = installation.cli({"test", "--event", event});
  EXPECT_EQ(text.exit, 1);
  EXPECT_THAT(text.out, AllOf(StartsWith("OB002 "), HasSubstr("\"Invoice\"")));
  const CommandResult machine = installation.cli({"test", "--event", event, "--json"});
  EXPECT_EQ(machine.exit, 1);
  EXPECT_EQ(against_schema("test", machine.out), "");
}

}  // namespace
}  // namespace observerd::testing
