#include <gmock/gmock.h>

#include "fixture.hpp"

/// `plugins`: files that are found, files that are no plugins.
namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

namespace fs = std::filesystem;

const json::Value* entry_of(const json::Value& list, const std::string& path) {
  for (const json::Value& entry : list.items()) {
    if (entry.string_or("path") == path) return &entry;
  }
  return nullptr;
}

TEST(Cli, ATextFileAmongThePluginsIsFaultyAndStopsNothing) {
  Installation installation(fresh_database());
  const std::string broken = installation.directory() / "plugins/broken.so";
  write_text(broken, "this is no shared library\n");
  installation.configure(
      R"({"observers": [{"name": "o", "entity": "Order", "actions": [{"type": "log"}]}]})");
  const std::string output = installation.must({"plugins", "list", "--json"});
  EXPECT_EQ(against_schema("plugins-list", output), "");
  const json::Value list = parsed(output);
  const json::Value* entry = entry_of(list, broken);
  ASSERT_NE(entry, nullptr) << output;
  EXPECT_EQ(entry->string_or("state"), "faulty");
  EXPECT_THAT(entry->string_or("reason"), StartsWith("OB016 "));
  const json::Value* shipped = entry_of(list, OBSERVERD_BUILD_DIR "/plugins/webhook.so");
  ASSERT_NE(shipped, nullptr) << output;
  EXPECT_EQ(shipped->string_or("state"), "loaded");

  const CommandResult check = installation.cli({"check"});
  EXPECT_EQ(check.exit, 0);
  EXPECT_THAT(check.err, AllOf(StartsWith("warning: OB016 "), HasSubstr("broken.so")));
  EXPECT_THAT(installation.must({"plugins", "list"}), HasSubstr("faulty"));
}

TEST(Cli, PluginsCheckJudgesAFileWithoutRunningIt) {
  const Installation installation(fresh_database());
  const std::string broken = installation.directory() / "broken.so";
  write_text(broken, "this is no shared library\n");
  const CommandResult text =
      installation.cli({"plugins", "check", OBSERVERD_BUILD_DIR "/plugins/webhook.so", broken});
  EXPECT_EQ(text.exit, 5);
  EXPECT_THAT(text.out, HasSubstr("webhook.so: good, ABI 1.0"));
  EXPECT_THAT(text.err, AllOf(StartsWith("OB016 "), HasSubstr("broken.so")));
  const CommandResult machine = installation.cli({"plugins", "check", broken, "--json"});
  EXPECT_EQ(machine.exit, 5);
  EXPECT_EQ(against_schema("plugins-check", machine.out), "");
  EXPECT_EQ(installation.cli({"plugins", "check"}).exit, 2);
}

TEST(Cli, APluginThatAnActionNeedsMustLoad) {
  Installation installation(fresh_database());
  write_text(installation.directory() / "plugins/broken.so", "this is no shared library\n");
  installation.configure(
      R"({"observers": [{"name": "o", "entity": "Order", "actions": [{"type": "broken"}]}]})");
  const CommandResult check = installation.cli({"check"});
  EXPECT_EQ(check.exit, 3);
  EXPECT_THAT(check.err, HasSubstr("OB016 "));
  const CommandResult info = installation.cli({"plugins", "info", "broken"});
  EXPECT_EQ(info.exit, 5);
  EXPECT_THAT(info.err, StartsWith("OB016 "));
}

TEST(Cli, APluginWorksFromAnyDirectory) {
  Installation installation(fresh_database());
  const fs::path elsewhere = installation.directory() / "elsewhere";
  fs::create_directory(elsewhere);
  fs::copy_file(OBSERVERD_BUILD_DIR "/plugins/log.so", elsewhere / "log.so");
  write_main(installation, "{\"database\": {\"url\": " + json::quote(installation.database()) +
                               "}, \"plugins\": {\"directories\": [" +
                               json::quote(elsewhere.string()) + "]}}");
  installation.configure(
      R"({"observers": [{"name": "o", "entity": "Order",
          "actions": [{"type": "log", "message": "seen {{ id }}"}]}]})");
  const json::Value list = parsed(installation.must({"plugins", "list", "--json"}));
  ASSERT_EQ(list.items().size(), 1u);
  EXPECT_NE(entry_of(list, elsewhere / "log.so"), nullptr);
  installation.must({"check"});
  const std::string event = event_file(
      installation, R"({"kind": "insert", "entity": "Order", "id": "5", "new": {"id": 5}})");
  EXPECT_THAT(installation.must({"test", "--event", event}), HasSubstr("seen 5"));

  run_sql(installation.database(), "CREATE TABLE orders (id int PRIMARY KEY)");
  installation.capture("orders", "Order");
  run_sql(installation.database(), "INSERT INTO orders VALUES (6)");
  Daemon daemon(installation, {"--once"});
  EXPECT_EQ(daemon.wait(std::chrono::seconds(60)), 0);
  EXPECT_THAT(daemon.log(), HasSubstr("seen 6"));
}

TEST(Cli, NamesThatNoPluginHasAreMisspelt) {
  Installation installation(fresh_database());
  const std::string file = installation.directory() / "conf.d/10-test.json";
  const std::string digest = "\"" + std::string(64, '0') + "\"";
  const struct {
    std::string policy;
    int exit;
    std::string line, says;
  } cases[] = {
      {R"("isolation": {"webhok": "process"})", 0, "warning: OB014 " + file + ":2:",
       "/plugins/isolation/webhok: isolation of \"webhok\", which is neither an action type nor "
       "the file of a plugin, did you mean \"webhook\"?"},
      {R"("sha256": {"webhok": )" + digest + "}", 3, "OB014 " + file + ":2:",
       "/plugins/sha256/webhok: a file is pinned for \"webhok\", which is neither an action type "
       "nor the file of a plugin, did you mean \"webhook\"?"},
      {R"("required": {"webhok": true})", 3, "OB014 " + file + ":2:",
       "/plugins/required/webhok: \"required\" names \"webhok\", which is neither"},
      // It may be missing: that is what this says.
      {R"("required": {"acme": false}, "sha256": {"acme": )" + digest + "}", 0,
       "warning: OB014 " + file + ":2:", "/plugins/sha256/acme: a file is pinned for \"acme\""},
  };
  for (const auto& one : cases) {
    installation.configure("{\"plugins\": {\n" + one.policy + "}}");
    const CommandResult result = installation.cli({"check"});
    EXPECT_EQ(result.exit, one.exit) << one.policy << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr(one.line), HasSubstr(one.says))) << one.policy;
  }
  // What an action uses is told as missing there, and once.
  installation.configure(R"({"plugins": {"sha256": {"acme": )" + digest + R"(}}, "observers": [
      {"name": "o", "entity": "Order", "actions": [{"type": "acme"}]}]})");
  const CommandResult result = installation.cli({"check"});
  EXPECT_EQ(result.exit, 3);
  EXPECT_THAT(result.err, AllOf(HasSubstr("no plugin provides the action type \"acme\""),
                                Not(HasSubstr("pinned"))));
}

TEST(Cli, PluginsInfoDescribesATypeAndItsSettings) {
  const Installation installation(fresh_database());
  for (const std::string type : {"webhook", "log"}) {
    const std::string output = installation.must({"plugins", "info", type, "--json"});
    EXPECT_EQ(against_schema("plugins-info", output), "");
    EXPECT_EQ(parsed(output).string_or("type"), type);
    EXPECT_THAT(installation.must({"plugins", "info", type}), HasSubstr("Settings of an action"));
  }
  EXPECT_THAT(installation.must({"plugins", "info", "webhook"}), HasSubstr("POST|PUT|"));
  const CommandResult unknown = installation.cli({"plugins", "info", "webhok"});
  EXPECT_EQ(unknown.exit, 3);
  EXPECT_THAT(unknown.err, AllOf(StartsWith("OB014 "), HasSubstr("did you mean \"webhook\"?")));
  EXPECT_THAT(unknown.out, IsEmpty());
}

}  // namespace
}  // namespace observerd::testing
