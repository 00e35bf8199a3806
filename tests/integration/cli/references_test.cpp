#include <gmock/gmock.h>

#include "fixture.hpp"

/// References that only the service can follow: an operator's shell has neither its credentials nor
/// its environment.
namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

using Words = std::vector<std::string>;

class CliReferences : public ::testing::Test {
 protected:
  CliReferences() {
    installation_.configure(R"({"admin": {"token": {"credential": "secret_tok"}},
      "observers": [{"name": "o", "entity": "Order", "when_env": "OBSERVERD_TEST_UNSET",
        "actions": [{"type": "webhook", "url": {"credential": "secret_hook"}}]}]})");
  }
  Installation installation_{fresh_database()};
};

TEST_F(CliReferences, CommandsFollowOnlyThoseThatTheyUse) {
  const struct {
    Words words;
    int exit;
  } cases[] = {{{"status"}, 1},          {{"reload"}, 1},
               {{"dlq", "list"}, 0},     {{"dlq", "stats"}, 0},
               {{"events", "list"}, 0},  {{"deliveries", "list"}, 0},
               {{"lanes", "list"}, 0},   {{"capture", "list"}, 0},
               {{"plugins", "list"}, 0}, {{"plugins", "info", "webhook"}, 0},
               {{"config", "show"}, 0},  {{"migrate", "--status"}, 0},
               {{"activate"}, 0},        {{"adopt"}, 0},
               {{"capture", "apply"}, 0}};
  for (const auto& one : cases) {
    const CommandResult result = installation_.cli(one.words);
    EXPECT_EQ(result.exit, one.exit) << one.words[0] << '\n' << result.err;
    EXPECT_THAT(result.err, Not(HasSubstr("OB001"))) << one.words[0];
  }
}

TEST_F(CliReferences, OneThatIsUsedIsToldWithAWayThatWorks) {
  for (const Words& words : {Words{"check"}, Words{"run", "--once"}}) {
    const CommandResult result = installation_.cli(words);
    EXPECT_EQ(result.exit, 3);
    EXPECT_THAT(result.err, AllOf(HasSubstr("/admin/token: there is no credential \"secret_tok\": "
                                            "CREDENTIALS_DIRECTORY is not set"),
                                  HasSubstr("\n    systemd-run --pty -p LoadCredential=secret:"),
                                  HasSubstr("systemctl reload observerd checks with")))
        << words[0];
  }
  const CommandResult sync = installation_.cli({"capture", "sync"});
  EXPECT_EQ(sync.exit, 3);
  EXPECT_THAT(sync.err, AllOf(HasSubstr("\"OBSERVERD_TEST_UNSET\" is not set"),
                              Not(HasSubstr("secret_tok"))));
}

}  // namespace
}  // namespace observerd::testing
