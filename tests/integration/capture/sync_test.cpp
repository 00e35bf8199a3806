// What sync pushes into triggers, what it leaves alone, and what starves.
#include <gmock/gmock.h>

#include "capture/sync.hpp"
#include "fixture.hpp"

namespace observerd::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CaptureSync : public Capture {
 protected:
  void SetUp() override {
    run("CREATE TABLE orders (id int PRIMARY KEY, status text, total numeric)");
    add("orders", "Order");
  }
  static capture::Interest observer(const std::string& name, const std::string& when,
                                    std::vector<EventKind> kinds = {},
                                    const std::string& entity = "Order") {
    return {name, entity, std::move(kinds),
            when.empty() ? condition::Condition() : *condition::Condition::parse(when), true};
  }
  capture::Synced sync(const std::vector<capture::Interest>& observers,
                       const capture::SyncOptions& options = {}) {
    auto synced = capture::sync(*connection_, observers, options);
    EXPECT_TRUE(synced.ok()) << synced.status().to_string();
    EXPECT_EQ(synced->size(), 1U);
    EXPECT_TRUE(synced->front().error.ok()) << synced->front().error.to_string();
    return synced->front();
  }
  std::vector<std::string> starving(const std::vector<capture::Interest>& observers) {
    const auto starved = capture::starved(*connection_, observers);
    EXPECT_TRUE(starved.ok()) << starved.status().to_string();
    return starved->empty() ? std::vector<std::string>() : starved->front().observers;
  }
  void change_everything() {
    run("INSERT INTO orders VALUES (1, 'new', 50), (2, 'new', 500)");
    run("UPDATE orders SET status = 'shipped'");
    run("DELETE FROM orders");
  }
};

TEST_F(CaptureSync, ChangesThatNobodyCanMatchWriteNothing) {
  sync({observer("shipped", "status_changed_to('shipped') && total > 100", {EventKind::Update})});
  change_everything();
  EXPECT_EQ(events(), (Lines{R"(update 2 - {"id":2,"status":"shipped","total":500} )"
                             R"({"id":2,"status":"new","total":500})"}));
  const auto list = capture::list(*connection_);
  ASSERT_TRUE(list.ok());
  const capture::Pushdown& pushdown = list->front().pushdown;
  EXPECT_TRUE(pushdown.pushed);
  EXPECT_TRUE(list->front().enabled);
  ASSERT_EQ(pushdown.shares.size(), 1U);
  EXPECT_EQ(pushdown.shares[0].observer, "shipped");
  EXPECT_THAT(pushdown.shares[0].predicate, HasSubstr("NEW.\"total\" > "));
}

TEST_F(CaptureSync, EachKindHasItsOwnFilterAndSomeNoTrigger) {
  sync({observer("big", "total > 100", {EventKind::Insert}),
        observer("gone", "", {EventKind::Delete})});
  change_everything();
  EXPECT_EQ(run("SELECT kind, key FROM observer.outbox ORDER BY id"),
            (Rows{{"insert", "2"}, {"delete", "1"}, {"delete", "2"}}));
  EXPECT_EQ(run("SELECT tgname FROM pg_trigger WHERE tgrelid = 'orders'::regclass ORDER BY 1"),
            (Rows{{"!observerd_delete"}, {"!observerd_insert"}, {"!observerd_truncate"}}));
}

TEST_F(CaptureSync, KindsAloneStayWithStatementTriggers) {
  EXPECT_EQ(sync({observer("any", "", {EventKind::Update})}).captured.mode, "statement");
  change_everything();
  EXPECT_EQ(run("SELECT DISTINCT kind FROM observer.outbox"), (Rows{{"update"}}));
}

TEST_F(CaptureSync, WhoTakesEverythingTurnsItOff) {
  for (const char* entity : {"Order", "*"}) {
    const capture::Synced synced =
        sync({observer("narrow", "total > 100"), observer("wide", "", {}, entity)});
    EXPECT_FALSE(synced.captured.pushdown.pushed);
    EXPECT_EQ(synced.captured.pushdown.why_not, "observer \"wide\" may take any change");
  }
  change_everything();
  EXPECT_EQ(events().size(), 6U);
}

TEST_F(CaptureSync, EventLogOfEverythingForbidsIt) {
  const std::vector<capture::Interest> observers = {observer("big", "total > 100")};
  sync(observers);
  const auto starved = capture::starved(*connection_, observers, true);
  ASSERT_TRUE(starved.ok());
  EXPECT_EQ(starved->size(), 1U);
  EXPECT_TRUE(sync(observers, {.log_everything = true}).changed);
  change_everything();
  EXPECT_EQ(events().size(), 6U);
  EXPECT_THAT(*capture::starved(*connection_, observers, true), IsEmpty());
}

TEST_F(CaptureSync, DisabledObserversTakeNothing) {
  capture::Interest off = observer("off", "");
  off.enabled = false;
  sync({off, observer("elsewhere", "", {}, "Invoice")});
  change_everything();
  run("TRUNCATE orders");
  EXPECT_EQ(events(), Lines{});
}

TEST_F(CaptureSync, DryRunChangesNothing) {
  EXPECT_TRUE(sync({observer("big", "total > 100")}, {.dry_run = true}).changed);
  change_everything();
  EXPECT_EQ(events().size(), 6U);
}

TEST_F(CaptureSync, AgreementIsNoChange) {
  const std::vector<capture::Interest> observers = {observer("big", "total > 100")};
  EXPECT_EQ(sync(observers).reason, "it served other observers");
  EXPECT_FALSE(sync(observers).changed);
}

TEST_F(CaptureSync, AnotherConfigurationWouldStarve) {
  sync({observer("big", "total > 100", {EventKind::Insert})});
  EXPECT_THAT(starving({observer("renamed", "total > 100", {EventKind::Insert})}), IsEmpty());
  EXPECT_THAT(starving({}), IsEmpty());
  EXPECT_THAT(starving({observer("big", "total > 100", {EventKind::Insert}),
                        observer("bigger", "total > 50", {EventKind::Insert}),
                        observer("kind", "total > 100", {EventKind::Update}), observer("all", "")}),
              ElementsAre("bigger", "all", "kind"));
  sync({observer("all", "")});
  EXPECT_THAT(starving({observer("anything", "status == 'x'")}), IsEmpty());
}

TEST_F(CaptureSync, AddingAgainCapturesEverythingAgain) {
  sync({observer("big", "total > 100")});
  add("orders", "Order");
  change_everything();
  EXPECT_EQ(events().size(), 6U);
}

TEST_F(CaptureSync, TruncateIsForThoseWhoTakeDeletes) {
  sync({observer("big", "total > 100", {EventKind::Delete})});
  run("TRUNCATE orders");
  EXPECT_EQ(events(), (Lines{"delete  - - {}"}));
  sync({observer("big", "total > 100", {EventKind::Insert})});
  run("TRUNCATE orders");
  EXPECT_EQ(events(), Lines{});
}

TEST_F(CaptureSync, PartitionedTablesAreNotPushed) {
  ASSERT_TRUE(capture::drop(*connection_, "orders").ok());
  run("CREATE TABLE t (id int, region text, PRIMARY KEY (id, region)) PARTITION BY LIST (region)");
  run("CREATE TABLE t_eu PARTITION OF t FOR VALUES IN ('eu')");
  add("t", "Order");
  const capture::Synced synced = sync({observer("never", "id < 0")});
  EXPECT_EQ(synced.captured.pushdown.why_not, "rows of a partitioned table can move");
  EXPECT_FALSE(synced.changed);
  run("CREATE TABLE t_us PARTITION OF t FOR VALUES IN ('us')");
  EXPECT_TRUE(sync({}).changed) << "the new partition has no trigger for TRUNCATE yet";
  run("TRUNCATE t_us");
  EXPECT_EQ(events(), (Lines{"delete  - - {}"}));
}

TEST_F(CaptureSync, ColumnInAFilterIsNotDroppedByAccident) {
  sync({observer("big", "total > 100")});
  EXPECT_THROW(run("ALTER TABLE orders DROP COLUMN total"), pqxx::sql_error);
  EXPECT_THROW(run("ALTER TABLE orders ALTER COLUMN total TYPE int"), pqxx::sql_error);
  run("ALTER TABLE orders DROP COLUMN status, ADD COLUMN note text");
  run("INSERT INTO orders VALUES (1, 500, 'x'), (2, 5, 'y')");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"total":500,"note":"x"} -)"}));
}

TEST_F(CaptureSync, RenamedColumnMeansAnotherFilter) {
  const std::vector<capture::Interest> observers = {observer("big", "total > 100")};
  sync(observers);
  run("ALTER TABLE orders RENAME COLUMN total TO total_old;"
      " ALTER TABLE orders ADD COLUMN total numeric");
  EXPECT_THAT(starving(observers), ElementsAre("big")) << "the trigger reads total_old";
  EXPECT_EQ(sync(observers).reason, "triggers are missing, or a column has another name");
  run("INSERT INTO orders VALUES (1, 'a', 0, 500)");
  EXPECT_EQ(events().size(), 1U);
}

TEST_F(CaptureSync, UnknownColumnsAreNotJudged) {
  sync({observer("ghost", "ghost == 1 && total > 100")});
  change_everything();
  EXPECT_EQ(run("SELECT DISTINCT key FROM observer.outbox"), (Rows{{"2"}}));
}

TEST_F(CaptureSync, FilterDoesNotDependOnTheWritersSession) {
  sync({observer("named", "status == 'a' && total == 1", {EventKind::Insert})});
  run("CREATE SCHEMA evil; CREATE FUNCTION evil.eq(text, text) RETURNS boolean LANGUAGE sql AS"
      " 'SELECT false'; CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = "
      "evil.eq)");
  run_sql(url_, "SET search_path = evil, pg_catalog; INSERT INTO public.orders VALUES (1, 'a', 1)");
  EXPECT_EQ(events().size(), 1U);
}

TEST_F(CaptureSync, CapturesOfAnOlderVersionAreWrittenAnew) {
  run("UPDATE observer.captures SET definition = '', triggers = '{}'");
  EXPECT_TRUE(capture::list(*connection_)->front().enabled);
  EXPECT_EQ(sync({observer("all", "")}).reason, "an older version installed it");
  EXPECT_FALSE(sync({observer("all", "")}).changed);
}

TEST_F(CaptureSync, TableWithTriggersOfItsOwnSinceGoesOverToRowMode) {
  run("CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'");
  run("CREATE TRIGGER aaa AFTER UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION nothing()");
  EXPECT_EQ(sync({observer("all", "")}).captured.mode, "row");
  run("DROP TRIGGER \"!observerd_row\" ON orders");
  EXPECT_EQ(sync({observer("all", "")}).reason,
            "triggers are missing, or a column has another name");
}

TEST_F(CaptureSync, TableInUseIsToldAndStaysAsItWas) {
  pqxx::connection busy(url_);
  pqxx::work transaction(busy);
  transaction.exec("INSERT INTO orders VALUES (9)");
  const auto synced = capture::sync(*connection_, {observer("big", "total > 100")});
  ASSERT_TRUE(synced.ok());
  EXPECT_THAT(synced->front().error.message(), HasSubstr("is in use by a transaction"));
  EXPECT_FALSE(synced->front().changed);
}

}  // namespace observerd::testing
