// A statement trigger fires only where the statement aims; here everything must be seen, once.
#include "fixture.hpp"

namespace observerd::testing {

class CapturePartitions : public Capture {
 protected:
  void SetUp() override {
    run("CREATE TABLE t (id int, region text, v int DEFAULT 0, PRIMARY KEY (id, region))"
        " PARTITION BY LIST (region)");
    run("CREATE TABLE t_eu PARTITION OF t FOR VALUES IN ('eu')");
    run("CREATE TABLE t_us PARTITION OF t FOR VALUES IN ('us') PARTITION BY RANGE (id)");
    run("CREATE TABLE t_us_1 PARTITION OF t_us DEFAULT");
    mode_ = add("t", "T", {"id"}).mode;
  }
  std::string mode_;
};

TEST_F(CapturePartitions, StatementsOnTheParent) {
  EXPECT_EQ(mode_, "row");
  run("INSERT INTO t VALUES (1, 'eu'), (2, 'us')");
  run("UPDATE t SET v = 1");
  run("DELETE FROM t");
  EXPECT_EQ(events(),
            (Lines{R"(insert 1 - {"id":1,"region":"eu","v":0} -)",
                   R"(insert 2 - {"id":2,"region":"us","v":0} -)",
                   R"(update 1 - {"id":1,"region":"eu","v":1} {"id":1,"region":"eu","v":0})",
                   R"(update 2 - {"id":2,"region":"us","v":1} {"id":2,"region":"us","v":0})",
                   R"(delete 1 - - {"id":1,"region":"eu","v":1})",
                   R"(delete 2 - - {"id":2,"region":"us","v":1})"}));
}

TEST_F(CapturePartitions, StatementsOnAPartitionDirectly) {
  run("INSERT INTO t_eu VALUES (1, 'eu')");
  run("INSERT INTO t_us_1 VALUES (2, 'us')");
  run("UPDATE t_us SET v = 1");
  run("DELETE FROM t_eu");
  EXPECT_EQ(events(),
            (Lines{R"(insert 1 - {"id":1,"region":"eu","v":0} -)",
                   R"(insert 2 - {"id":2,"region":"us","v":0} -)",
                   R"(update 2 - {"id":2,"region":"us","v":1} {"id":2,"region":"us","v":0})",
                   R"(delete 1 - - {"id":1,"region":"eu","v":0})"}));
}

TEST_F(CapturePartitions, PartitionsAttachedLater) {
  run("CREATE TABLE t_asia PARTITION OF t FOR VALUES IN ('asia')");
  run("CREATE TABLE t_late (v int, region text NOT NULL, gone int, id int NOT NULL)");
  run("ALTER TABLE t_late DROP COLUMN gone");
  run("ALTER TABLE t ATTACH PARTITION t_late FOR VALUES IN ('late')");
  run("INSERT INTO t VALUES (1, 'asia'), (2, 'late')");
  run("INSERT INTO t_asia VALUES (3, 'asia')");
  run("UPDATE t_late SET v = 5");
  EXPECT_EQ(events(),
            (Lines{R"(insert 1 - {"id":1,"region":"asia","v":0} -)",
                   R"(insert 2 - {"v":0,"region":"late","id":2} -)",
                   R"(insert 3 - {"id":3,"region":"asia","v":0} -)",
                   R"(update 2 - {"v":5,"region":"late","id":2} {"v":0,"region":"late","id":2})"}));
}

TEST_F(CapturePartitions, RowsThatMoveAreUpdates) {
  run("CREATE TABLE t_late PARTITION OF t FOR VALUES IN ('late')");
  run("INSERT INTO t VALUES (1, 'eu'), (2, 'eu'), (3, 'late')");
  events();
  run("UPDATE t SET region = 'us', id = id + 10 * (id - 1)");
  EXPECT_EQ(events(),
            (Lines{R"(update 1 - {"id":1,"region":"us","v":0} {"id":1,"region":"eu","v":0})",
                   R"(update 2 2 {"id":12,"region":"us","v":0} {"id":2,"region":"eu","v":0})",
                   R"(update 3 3 {"id":23,"region":"us","v":0} {"id":3,"region":"late","v":0})"}));
  EXPECT_EQ(scalar(url_, "SELECT current_setting('observer.running', true) IS NULL"), "t");
}

TEST_F(CapturePartitions, DeleteAndInsertStayWhatTheyAre) {
  run("INSERT INTO t VALUES (1, 'eu'), (2, 'eu')");
  events();
  run("BEGIN; UPDATE t SET v = 1 WHERE id = 2; DELETE FROM t WHERE id = 1;"
      " INSERT INTO t VALUES (1, 'us'); DELETE FROM t_us_1; INSERT INTO t_eu VALUES (1, 'eu'); "
      "COMMIT");
  EXPECT_EQ(events(),
            (Lines{R"(update 2 - {"id":2,"region":"eu","v":1} {"id":2,"region":"eu","v":0})",
                   R"(delete 1 - - {"id":1,"region":"eu","v":0})",
                   R"(insert 1 - {"id":1,"region":"us","v":0} -)",
                   R"(delete 1 - - {"id":1,"region":"us","v":0})",
                   R"(insert 1 - {"id":1,"region":"eu","v":0} -)"}));
}

TEST_F(CapturePartitions, FailedStatementLeavesNoMarkBehind) {
  run("INSERT INTO t VALUES (1, 'eu')");
  events();
  run("DO $$ BEGIN UPDATE t SET region = 'nowhere'; EXCEPTION WHEN OTHERS THEN NULL; END $$;"
      " DELETE FROM t; INSERT INTO t VALUES (1, 'us')");
  EXPECT_EQ(events(), (Lines{R"(delete 1 - - {"id":1,"region":"eu","v":0})",
                             R"(insert 1 - {"id":1,"region":"us","v":0} -)"}));
}

TEST_F(CapturePartitions, TriggersThatWriteThePartitionsThemselves) {
  run("CREATE FUNCTION echo() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " IF pg_trigger_depth() = 1 THEN DELETE FROM t_us_1 WHERE id = OLD.id;"
      " INSERT INTO t_us_1 VALUES (OLD.id, 'us', 9); END IF; RETURN NULL; END $$");
  run("CREATE TRIGGER echo AFTER UPDATE ON t_eu FOR EACH ROW EXECUTE FUNCTION echo()");
  run("INSERT INTO t VALUES (1, 'eu'), (1, 'us')");
  events();
  run("UPDATE t SET v = 1 WHERE region = 'eu'");
  EXPECT_EQ(events(),
            (Lines{R"(update 1 - {"id":1,"region":"eu","v":1} {"id":1,"region":"eu","v":0})",
                   R"(delete 1 - - {"id":1,"region":"us","v":0})",
                   R"(insert 1 - {"id":1,"region":"us","v":9} -)"}));
}

TEST_F(CapturePartitions, MergeThatDeletesAndInserts) {
  if (std::stoi(scalar(url_, "SHOW server_version_num")) < 150000) GTEST_SKIP() << "no MERGE";
  run("INSERT INTO t VALUES (1, 'eu', 1), (2, 'eu', 2)");
  events();
  run("MERGE INTO t USING (VALUES (1, 0), (2, 5), (3, 7)) AS s (id, v) ON t.id = s.id"
      " WHEN MATCHED AND s.v = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v"
      " WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'us', s.v)");
  Lines found = events();
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found,
            (Lines{R"(delete 1 - - {"id":1,"region":"eu","v":1})",
                   R"(insert 3 - {"id":3,"region":"us","v":7} -)",
                   R"(update 2 - {"id":2,"region":"eu","v":5} {"id":2,"region":"eu","v":2})"}));
}

TEST_F(CapturePartitions, TruncateIsOneEventWhereverItAims) {
  for (const char* table : {"t", "t_us", "t_eu", "t_us_1", "t"}) {
    run(std::string("TRUNCATE ") + table);
    EXPECT_EQ(events(), (Lines{"delete  - - {}"})) << table;
  }
}

TEST_F(CapturePartitions, PartitionAloneIsCapturedWhereverTheStatementAims) {
  ASSERT_TRUE(capture::drop(*connection_, "t").ok());
  EXPECT_EQ(add("t_eu", "Eu", {"id"}).mode, "row");
  run("INSERT INTO t VALUES (1, 'eu'), (2, 'us')");
  run("INSERT INTO t_eu VALUES (3, 'eu')");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"region":"eu","v":0} -)",
                             R"(insert 3 - {"id":3,"region":"eu","v":0} -)"}));
}

TEST_F(CapturePartitions, TreeIsCapturedOnlyOnce) {
  EXPECT_NE(refused("t_eu", "Eu").message().find("shares rows with"), std::string::npos);
  EXPECT_NE(refused("t_us", "Us").message().find("shares rows with"), std::string::npos);
}

TEST_F(Capture, InheritedTableIsCapturedByItself) {
  run("CREATE TABLE base (id int PRIMARY KEY); CREATE TABLE derived (extra int) INHERITS (base)");
  EXPECT_EQ(add("base", "Base").mode, "row");
  run("INSERT INTO base VALUES (1); INSERT INTO derived VALUES (2); UPDATE base SET id = id + 10");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1} -)", R"(update 1 1 {"id":11} {"id":1})"}));
}

TEST_F(Capture, TableWhoseTriggersWriteItIsCapturedInOrder) {
  run("CREATE TABLE t (id int PRIMARY KEY, v int)");
  run("CREATE FUNCTION bump() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " UPDATE t SET v = 100 WHERE id = NEW.id AND v < 100; RETURN NULL; END $$");
  run("CREATE TRIGGER aaa AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION bump()");
  EXPECT_EQ(add("t", "T").mode, "row");
  run("INSERT INTO t VALUES (1, 1)");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"v":1} -)",
                             R"(update 1 - {"id":1,"v":100} {"id":1,"v":1})"}));
}

TEST_F(Capture, StatementTriggersOfTheTableComeAfterOurs) {
  run("CREATE TABLE t (id int PRIMARY KEY, v int)");
  run("CREATE FUNCTION bump() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " UPDATE t SET v = 100 WHERE v < 100; RETURN NULL; END $$");
  run("CREATE TRIGGER \"0aaa\" AFTER INSERT ON t EXECUTE FUNCTION bump()");
  EXPECT_EQ(add("t", "T").mode, "statement");
  run("INSERT INTO t VALUES (1, 1)");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"v":1} -)",
                             R"(update 1 - {"id":1,"v":100} {"id":1,"v":1})"}));
}

}  // namespace observerd::testing
