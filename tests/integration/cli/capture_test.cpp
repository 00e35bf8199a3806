#include <gmock/gmock.h>

#include "fixture.hpp"
#include "support/eventually.hpp"

/// `capture apply` and `capture sync` as users and scripts see them.
namespace observerd::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kConfiguration = R"({
  "entities": {"Order": {"table": "orders"}, "Line": {"table": "lines", "key": ["a", "b"]}},
  "observers": [
    {"name": "big", "entity": "Order", "events": ["insert"], "when": "total > 100",
     "actions": [{"type": "log"}]},
    {"name": "lines", "entity": "Line", "actions": [{"type": "log"}]}]})";

class CliCapture : public ::testing::Test {
 protected:
  CliCapture() : url_(fresh_database()), installation_(url_) {
    run_sql(url_,
            "CREATE TABLE orders (id int PRIMARY KEY, total int);"
            "CREATE TABLE lines (a int NOT NULL, b int NOT NULL)");
    installation_.configure(kConfiguration);
  }

  const std::string url_;
  Installation installation_;
};

TEST_F(CliCapture, ApplyCapturesWhatIsDeclared) {
  EXPECT_THAT(installation_.must({"capture", "apply", "--dry-run"}),
              HasSubstr("public.orders as Order: to be captured\n"));
  const std::string json = installation_.must({"capture", "apply", "--json"});
  EXPECT_EQ(against_schema("capture-apply", json), "");
  EXPECT_EQ(parsed(json).items().size(), 2u);
  EXPECT_THAT(installation_.must({"capture", "apply"}),
              HasSubstr("public.lines as Line: as declared\n"));
}

TEST_F(CliCapture, ApplyTellsEveryErrorAtItsPlace) {
  run_sql(url_, "DROP TABLE lines; ALTER TABLE orders DROP CONSTRAINT orders_pkey");
  const CommandResult result = installation_.cli({"capture", "apply"});
  EXPECT_EQ(result.exit, 4);
  EXPECT_THAT(result.err, AllOf(HasSubstr("/entities/Order: public.orders has no primary key"),
                                HasSubstr("/entities/Line: there is no table lines")));
  EXPECT_EQ(against_schema("capture-apply", installation_.cli({"capture", "apply", "--json"}).out),
            "");
}

TEST_F(CliCapture, ApplyPrunesOnlyWhenAskedTo) {
  run_sql(url_, "CREATE TABLE other (id int PRIMARY KEY)");
  installation_.capture("other", "Other");
  EXPECT_THAT(installation_.must({"capture", "apply"}), HasSubstr("--prune drops it"));
  EXPECT_THAT(installation_.must({"capture", "apply", "--prune"}),
              HasSubstr("public.other as Other: no longer captured"));
}

TEST_F(CliCapture, SyncTellsWhatIsLeftOutAndForWhom) {
  installation_.must({"capture", "apply"});
  EXPECT_THAT(installation_.must({"capture", "sync", "--dry-run"}), HasSubstr("would be written"));
  const std::string json = installation_.must({"capture", "sync", "--json"});
  EXPECT_EQ(against_schema("capture-sync", json), "");
  const json::Value document = parsed(json);
  EXPECT_FALSE(document.items()[0].find("changed")->as_boolean()) << "lines: everything is taken";
  EXPECT_TRUE(document.items()[1].find("changed")->as_boolean());
  EXPECT_THAT(installation_.must({"capture", "sync"}),
              AllOf(HasSubstr("public.orders as Order: nothing to change\n"),
                    HasSubstr("    insert: ((NEW.\"total\" > '100'::int8) IS TRUE)\n"
                              "        for big\n"),
                    HasSubstr("    update: nothing, since no observer takes it\n"),
                    HasSubstr("every change is captured: observer \"lines\" may take any change")));
  run_sql(url_, "INSERT INTO orders VALUES (1, 100), (2, 101)");
  EXPECT_EQ(scalar(url_, "SELECT string_agg(key, ',') FROM observer.outbox"), "2");

  const std::string list = installation_.must({"capture", "list", "--json"});
  EXPECT_EQ(against_schema("capture-list", list), "");
  EXPECT_THAT(installation_.must({"capture", "list"}),
              HasSubstr("of public.orders only this is captured"));
}

TEST_F(CliCapture, AReloadThatWouldStarveAnObserverCapturesMoreFirst) {
  installation_.must({"capture", "apply"});
  installation_.must({"capture", "sync"});
  const Daemon daemon(installation_);
  daemon.wait_until_ready();
  installation_.configure(R"({"observers": [{"name": "small", "entity": "Order",
    "when": "total < 10", "actions": [{"type": "log", "message": "small order {{ id }}"}]}]})");
  EXPECT_THAT(installation_.must({"reload"}), HasSubstr("reloaded"));
  run_sql(url_, "INSERT INTO orders VALUES (7, 1)");
  EXPECT_TRUE(eventually([&] { return daemon.log().find("small order 7") != std::string::npos; }))
      << daemon.log();
}

TEST_F(CliCapture, SyncWithoutCapturesSaysSo) {
  EXPECT_THAT(installation_.must({"capture", "sync"}), StartsWith("no table is captured"));
}

}  // namespace
}  // namespace observerd::testing
