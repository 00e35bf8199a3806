#include <gmock/gmock.h>

#include "fixture.hpp"

/// Commands against the database: what they print, and what is wrong with it.
namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using Words = std::vector<std::string>;

std::string database_only(const std::string& url, const std::string& more = "") {
  return "{\"database\": {\"url\": " + json::quote(url) + more +
         "}, \"plugins\": {\"directories\": []}}\n";
}

/// Exit code 4, a line that begins with OB009, nothing on standard output. (`run` logs to standard
/// error which plugins it has loaded, before that.)
void expect_database_error(const Installation& installation, const Words& words,
                           const std::string& says) {
  const CommandResult result = installation.cli(words);
  EXPECT_EQ(result.exit, 4) << words[0] << '\n' << result.err;
  EXPECT_THAT("\n" + result.err, AllOf(HasSubstr("\nOB009 "), HasSubstr(says))) << words[0];
  EXPECT_THAT(result.out, IsEmpty()) << words[0];
}

const std::vector<Words>& commands_of_a_migrated_database() {
  static const std::vector<Words> commands = {
      {"status"},       {"capture", "list"}, {"capture", "add", "orders", "--entity", "Order"},
      {"dlq", "list"},  {"dlq", "stats"},    {"capture", "drop", "orders"},
      {"run", "--once"}};
  return commands;
}

TEST(Cli, AnUnreachableDatabaseIsSaid) {
  const Installation installation(fresh_database());
  // Nothing listens on port 1 of any machine that tests run on.
  write_main(installation, database_only("postgresql://app@127.0.0.1:1/app"));
  for (const Words& words : {Words{"status"}, Words{"migrate"}, Words{"dlq", "list"}}) {
    expect_database_error(installation, words, "cannot connect to database \"app\"");
  }
  const CommandResult check = installation.cli({"check", "--online", "--json"});
  EXPECT_EQ(check.exit, 4);
  EXPECT_EQ(against_schema("check", check.out), "");
  EXPECT_EQ(parsed(check.out).find("findings")->items().at(0).string_or("code"), "OB009");
  EXPECT_EQ(installation.cli({"check"}).exit, 0) << "offline, the database does not matter";
}

TEST(Cli, AMissingRoleAndAMissingDatabaseNameTheRemedy) {
  const std::string url = fresh_database();
  const Installation installation(url);
  const std::string more = url.find('?') == std::string::npos ? "?" : "&";
  write_main(installation, database_only(url + more + "user=no_such_role"));
  expect_database_error(installation, {"status"}, "\n    create the role");
  write_main(installation, database_only(url + more + "dbname=no_such_database"));
  expect_database_error(installation, {"migrate"}, "\n    create the database");
}

TEST(Cli, ARoleWithoutRightsIsRefused) {
  const std::string url = fresh_database();
  const Installation installation(url);
  run_sql(url, "CREATE ROLE stranger LOGIN");
  const std::string more = url.find('?') == std::string::npos ? "?" : "&";
  write_main(installation, database_only(url + more + "user=stranger"));
  for (const Words& words : {Words{"status"}, Words{"dlq", "list"}, Words{"run", "--once"}}) {
    expect_database_error(installation, words, "permission denied");
  }
}

TEST(Cli, ADatabaseWithoutObserverdsTablesNamesTheRemedy) {
  const Installation installation(fresh_database());
  write_main(installation, database_only(empty_database()));
  for (const Words& words : commands_of_a_migrated_database()) {
    expect_database_error(installation, words, "observerd migrate");
  }
}

TEST(Cli, AnotherNumberOfShardsIsRefused) {
  const std::string url = fresh_database();
  const Installation installation(url);
  write_main(installation, database_only(url, ", \"shards\": 8"));
  expect_database_error(installation, {"migrate"}, "set database.shards to 4");
  const CommandResult run = installation.cli({"run", "--once"});
  EXPECT_EQ(run.exit, 3) << "the number in the configuration is the mistake";
  EXPECT_THAT(run.err, AllOf(StartsWith("OB001 "), HasSubstr("set it to 4")));
}

TEST(Cli, ADatabaseOfANewerObserverdIsLeftAlone) {
  const std::string url = fresh_database();
  const Installation installation(url);
  run_sql(url,
          "INSERT INTO observer.schema_migrations (number, name, checksum)"
          " VALUES (99, '99_from_the_future.sql', repeat('0', 64))");
  for (const Words& words : commands_of_a_migrated_database()) {
    expect_database_error(installation, words, "a newer observerd was here");
  }
  expect_database_error(installation, {"migrate"}, "99_from_the_future");
}

TEST(Cli, TablesThatCannotBeCapturedAreRefused) {
  const std::string url = fresh_database();
  const Installation installation(url);
  run_sql(url, "CREATE TABLE keyless (a int)");
  expect_database_error(installation, {"capture", "add", "keyless", "--entity", "K"}, "--key");
  expect_database_error(installation, {"capture", "add", "absent", "--entity", "A"}, "absent");
  expect_database_error(installation, {"capture", "drop", "keyless"}, "observerd capture list");
}

TEST(Cli, MigrateTellsWhatItDid) {
  Installation installation(fresh_database());
  const std::string url = empty_database();
  write_main(installation, database_only(url));
  const std::string pending = installation.must({"migrate", "--status", "--json"});
  EXPECT_EQ(against_schema("migrate", pending), "");
  EXPECT_FALSE(parsed(pending).find("migrations")->items().at(0).find("applied")->as_boolean());
  EXPECT_THAT(installation.must({"migrate", "--dry-run"}), HasSubstr("CREATE TABLE"));
  EXPECT_EQ(scalar(url, "SELECT count(*) FROM pg_namespace WHERE nspname = 'observer'"), "0");

  const std::string first = installation.must({"migrate", "--json"});
  EXPECT_EQ(against_schema("migrate", first), "");
  EXPECT_EQ(parsed(first).find("applied_now")->items().size(), all_migrations().size());
  const std::string second = installation.must({"migrate", "--json"});
  EXPECT_EQ(against_schema("migrate", second), "");
  EXPECT_THAT(parsed(second).find("applied_now")->items(), IsEmpty());
  EXPECT_THAT(installation.must({"migrate"}), StartsWith("nothing to do"));
}

TEST(Cli, CaptureIsAddedListedAndDropped) {
  const std::string url = fresh_database();
  const Installation installation(url);
  run_sql(url,
          "CREATE TABLE orders (id int PRIMARY KEY); CREATE TABLE lines (a int NOT NULL, b int NOT "
          "NULL)");
  const std::string added =
      installation.must({"capture", "add", "orders", "--entity", "Order", "--json"});
  EXPECT_EQ(against_schema("capture-add", added), "");
  EXPECT_EQ(parsed(added).string_or("table"), "public.orders");
  installation.must({"capture", "add", "public.lines", "--entity", "Line", "--key", "a, b"});
  const std::string list = installation.must({"capture", "list", "--json"});
  EXPECT_EQ(against_schema("capture-list", list), "");
  EXPECT_EQ(parsed(list).items().size(), 2u);
  const std::string dropped = installation.must({"capture", "drop", "orders", "--json"});
  EXPECT_EQ(against_schema("capture-drop", dropped), "");
  EXPECT_EQ(parsed(installation.must({"capture", "list", "--json"})).items().size(), 1u);
}

TEST(Cli, ACapturedTableGetsAnotherEntityOnlyWhenThatIsMeant) {
  const std::string url = fresh_database();
  const Installation installation(url);
  run_sql(url, "CREATE TABLE orders (id int PRIMARY KEY)");
  installation.must({"capture", "add", "orders", "--entity", "Order"});
  installation.must({"capture", "add", "orders", "--entity", "Order", "--unchanged"});
  const CommandResult refused = installation.cli({"capture", "add", "orders", "--entity", "Ordr"});
  EXPECT_EQ(refused.exit, 4);
  EXPECT_THAT(refused.err, AllOf(HasSubstr("the table orders is captured as Order"),
                                 HasSubstr("--replace captures it as Ordr instead")));
  installation.must({"capture", "add", "orders", "--entity", "Sale", "--replace"});
  const json::Value list = parsed(installation.must({"capture", "list", "--json"}));
  ASSERT_EQ(list.items().size(), 1u);
  EXPECT_EQ(list.items()[0].string_or("entity"), "Sale");
}

TEST(Cli, AdoptAcceptsADatabaseOfAnotherServerOnce) {
  const std::string url = fresh_database();
  const Installation installation(url);
  run_sql(url, "UPDATE observer.installation SET system_identifier = '42'");
  const std::string first = installation.must({"adopt", "--json"});
  EXPECT_EQ(against_schema("adopt", first), "");
  EXPECT_TRUE(parsed(first).find("needed")->as_boolean());
  EXPECT_EQ(parsed(first).string_or("from"), "42");
  EXPECT_THAT(installation.must({"adopt"}), HasSubstr("nothing to adopt"));
}

TEST(Cli, CheckOnlineComparesConditionsWithColumns) {
  const std::string url = fresh_database();
  Installation installation(url);
  run_sql(url, "CREATE TABLE orders (id int PRIMARY KEY, total numeric)");
  installation.capture("orders", "Order");
  installation.configure(R"({"observers": [
    {"name": "column", "entity": "Order", "when": "totl > 1", "actions": [{"type": "log"}]},
    {"name": "entity", "entity": "Ordr", "actions": [{"type": "log"}]}]}
)");
  const CommandResult result = installation.cli({"check", "--online", "--json"});
  EXPECT_EQ(against_schema("check", result.out), "");
  EXPECT_THAT(result.out, AllOf(HasSubstr("did you mean \\\"Order\\\"?"), HasSubstr("totl")));
  EXPECT_THAT(result.out, HasSubstr("\"/observers/0/when\""));
}

TEST(Cli, CheckOnlineComparesTemplatesWithColumns) {
  const std::string url = fresh_database();
  Installation installation(url);
  run_sql(url, "CREATE TABLE orders (id int PRIMARY KEY, total numeric, lines jsonb)");
  installation.capture("orders", "Order");
  installation.configure(R"({"observers": [
    {"name": "right", "entity": "Order", "actions": [{"type": "log", "message":
      "{{ id }} {{ old.total }} {{ lines[0].sku }} {{#lines}}{{ sku }}{{/lines}} {{ event.user }}"}]},
    {"name": "lenient", "entity": "Order", "actions": [
      {"type": "log", "message": "{{ totl | default: 0 }}"},
      {"type": "log", "name": "empty", "missing": "empty", "message": "{{ totl }}"}]},
    {"name": "elsewhere", "entity": "Bill", "actions": [{"type": "log", "message": "{{ totl }}"}]}
  ]})");
  const CommandResult warned = installation.cli({"check", "--online"});
  EXPECT_EQ(warned.exit, 0) << warned.err;
  const std::string file = installation.directory() / "conf.d/10-test.json";
  const std::string says = ": {{ totl }}: there is no column \"totl\", did you mean \"total\"?\n";
  EXPECT_THAT(
      warned.err,
      AllOf(HasSubstr("warning: OB008 " + file + ":5:34 /observers/1/actions/0/message" + says),
            HasSubstr("warning: OB008 " + file + ":6:71 /observers/1/actions/1/message" + says)));
  EXPECT_EQ(lines(warned.err).size(), 4u) << "and that Bill is not captured, with a hint\n"
                                          << warned.err;

  installation.configure(R"({"observers": [{"name": "o", "entity": "Order",
      "actions": [{"type": "webhook", "url": "https://example.com/",
        "body": {"total": "{{ totl }}", "sku": "{{#lines}}{{ old.sku }}{{/lines}}"}}]}]})");
  const CommandResult refused = installation.cli({"check", "--online"});
  EXPECT_EQ(refused.exit, 3);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("OB008 " + file + ":3:27 /observers/0/actions/0/body/total" + says),
                    HasSubstr("/body/sku: {{ old.sku }}: there is no column")));
  EXPECT_EQ(installation.cli({"check"}).exit, 0) << "offline nobody knows the columns";
}

}  // namespace
}  // namespace observerd::testing
