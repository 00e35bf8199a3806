// Ways of writing: every committed change of a row is one event, whatever made it.
#include "fixture.hpp"

namespace observerd::testing {

TEST_F(Capture, DoBlocksAndDataModifyingWithAreCaptured) {
  run("CREATE TABLE t (id int PRIMARY KEY, v int); CREATE TABLE archive (id int PRIMARY KEY, v "
      "int)");
  add("t", "T");
  add("archive", "Archive");
  run("DO $$ BEGIN FOR i IN 1..2 LOOP INSERT INTO t VALUES (i, 0); END LOOP; END $$");
  EXPECT_EQ(events().size(), 2U);
  run("WITH gone AS (DELETE FROM t WHERE id = 1 RETURNING *), moved AS (INSERT INTO archive SELECT "
      "*"
      " FROM gone RETURNING id) UPDATE t SET v = 1 WHERE id = 2");
  Lines found = events();
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (Lines{R"(delete 1 - - {"id":1,"v":0})", R"(insert 1 - {"id":1,"v":0} -)",
                          R"(update 2 - {"id":2,"v":1} {"id":2,"v":0})"}));
}

TEST_F(Capture, CascadesThatSetNullOrDefaultAreUpdates) {
  run("CREATE TABLE parent (id int PRIMARY KEY); INSERT INTO parent VALUES (0), (1), (2)");
  run("CREATE TABLE child (id int PRIMARY KEY, a int REFERENCES parent ON DELETE SET NULL,"
      " b int DEFAULT 0 REFERENCES parent ON DELETE SET DEFAULT)");
  run("INSERT INTO child VALUES (10, 1, 2)");
  add("child", "Child");
  run("DELETE FROM parent WHERE id = 1");
  run("DELETE FROM parent WHERE id = 2");
  EXPECT_EQ(events(), (Lines{R"(update 10 - {"id":10,"a":null,"b":2} {"id":10,"a":1,"b":2})",
                             R"(update 10 - {"id":10,"a":null,"b":0} {"id":10,"a":null,"b":2})"}));
}

TEST_F(Capture, TriggersThatChangeOrRefuseARowAreHeard) {
  run("CREATE TABLE t (id int PRIMARY KEY, v text)");
  run("CREATE FUNCTION judge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
      " IF NEW.v = 'no' THEN RETURN NULL; END IF; NEW.v := upper(NEW.v); RETURN NEW; END $$");
  run("CREATE TRIGGER zzz BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION judge()");
  add("t", "T");
  run("INSERT INTO t VALUES (1, 'a'), (2, 'no'), (3, 'c')");
  run("UPDATE t SET v = CASE id WHEN 1 THEN 'no' ELSE 'd' END");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"v":"A"} -)", R"(insert 3 - {"id":3,"v":"C"} -)",
                             R"(update 3 - {"id":3,"v":"D"} {"id":3,"v":"C"})"}));
}

TEST_F(Capture, ViewsAndRulesWriteTheTablesBehindThem) {
  run("CREATE TABLE t (id int PRIMARY KEY, v int); CREATE VIEW w AS SELECT id FROM t");
  add("t", "T");
  run("INSERT INTO w VALUES (1)");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"v":null} -)"}));
}

TEST_F(Capture, IdentityColumnsAreInTheRow) {
  run("CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int)");
  add("t", "T");
  run("INSERT INTO t (v) VALUES (5); INSERT INTO t OVERRIDING SYSTEM VALUE VALUES (77, 6)");
  EXPECT_EQ(events(),
            (Lines{R"(insert 1 - {"id":1,"v":5} -)", R"(insert 77 - {"id":77,"v":6} -)"}));
}

TEST_F(Capture, ToastedColumnsThatDidNotChangeAreWhole) {
  run("CREATE TABLE t (id int PRIMARY KEY, v int, body text)");
  run("ALTER TABLE t ALTER body SET STORAGE EXTERNAL");
  add("t", "T");
  run("INSERT INTO t VALUES (1, 1, repeat('x', 1000000))");
  run("UPDATE t SET v = 2");
  run("UPDATE t SET v = v");
  run("DELETE FROM t");
  EXPECT_EQ(run("SELECT kind, length(new_row->>'body'), length(old_row->>'body')"
                " FROM observer.outbox ORDER BY id"),
            (Rows{{"insert", "1000000", "NULL"},
                  {"update", "1000000", "1000000"},
                  {"delete", "NULL", "1000000"}}));
}

TEST_F(Capture, NumbersBeyondNumbersAreText) {
  run("CREATE TABLE t (id int PRIMARY KEY, n numeric, f float8, r float4)");
  add("t", "T");
  run("INSERT INTO t VALUES (1, 'NaN', 'Infinity', '-Infinity'), (2, 0.10, 0.1, 16777217)");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"n":"NaN","f":"Infinity","r":"-Infinity"} -)",
                             R"(insert 2 - {"id":2,"n":0.10,"f":0.1,"r":1.6777216e+07} -)"}));
}

TEST_F(Capture, LongestNamesAreTakenWhole) {
  const std::string name(63, 'q');
  run("CREATE TABLE " + name + " (" + name + " int PRIMARY KEY)");
  EXPECT_EQ(add(name, std::string(300, 'E')).table, "public." + name);
  run("INSERT INTO " + name + " VALUES (1)");
  EXPECT_EQ(events(), (Lines{"insert 1 - {\"" + name + "\":1} -"}));
  EXPECT_EQ(scalar(url_, "SELECT length(entity) FROM observer.outbox"), "300");
}

TEST_F(Capture, RolledBackSavepointsLeaveNoEvents) {
  run("CREATE TABLE t (id int PRIMARY KEY, v int)");
  add("t", "T");
  run("BEGIN; INSERT INTO t VALUES (1, 0); SAVEPOINT s; INSERT INTO t VALUES (2, 0);"
      " ROLLBACK TO s; INSERT INTO t VALUES (3, 0); RELEASE s; COMMIT");
  run("DO $$ BEGIN INSERT INTO t VALUES (4, 0); BEGIN UPDATE t SET v = 1 / v;"
      " EXCEPTION WHEN division_by_zero THEN NULL; END; END $$");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"v":0} -)", R"(insert 3 - {"id":3,"v":0} -)",
                             R"(insert 4 - {"id":4,"v":0} -)"}));
  EXPECT_EQ(scalar(url_, "SELECT count(DISTINCT xid) FROM observer.outbox"), "2")
      << "the top-level transaction, not the savepoint's";
}

TEST_F(Capture, PreparedTransactionsAreCapturedWhenTheyCommit) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  run("SET observer.notify = off");
  run("BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'capture_commit'");
  run("BEGIN; INSERT INTO t VALUES (2); PREPARE TRANSACTION 'capture_rollback'");
  EXPECT_EQ(events(), Lines{});
  run("COMMIT PREPARED 'capture_commit'");
  run("ROLLBACK PREPARED 'capture_rollback'");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1} -)"}));
}

TEST_F(Capture, ReplicatedWritesAreNotCaptured) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  run("BEGIN; SET LOCAL session_replication_role = replica; INSERT INTO t VALUES (1); COMMIT");
  EXPECT_EQ(events(), Lines{});
}

TEST_F(Capture, UnloggedTablesAreCaptured) {
  run("CREATE UNLOGGED TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(events().size(), 1U);
}

TEST_F(Capture, RowSecurityHidesNothing) {
  run("CREATE TABLE t (id int PRIMARY KEY, owner text); ALTER TABLE t ENABLE ROW LEVEL SECURITY;"
      " ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY own ON t USING (owner = current_user)"
      " WITH CHECK (true)");
  run("DROP ROLE IF EXISTS capture_tenant; CREATE ROLE capture_tenant; GRANT ALL ON t TO"
      " capture_tenant");
  add("t", "T");
  run_sql(url_,
          "SET ROLE capture_tenant; INSERT INTO t VALUES (1, 'capture_tenant'), (2, 'other')");
  run_sql(url_, "SET ROLE capture_tenant; UPDATE t SET id = id + 10");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"owner":"capture_tenant"} -)",
                             R"(insert 2 - {"id":2,"owner":"other"} -)",
                             R"(update 1 1 {"id":11,"owner":"capture_tenant"} )"
                             R"({"id":1,"owner":"capture_tenant"})"}));
  run("DROP OWNED BY capture_tenant; DROP ROLE capture_tenant");
}

TEST_F(Capture, NothingInPgTempIsTakenForOurs) {
  run("CREATE TABLE t (id int PRIMARY KEY, v text)");
  add("t", "T");
  run_sql(url_,
          "CREATE TEMP TABLE outbox (id int); CREATE TEMP TABLE outbox_segment (last_value int);"
          " CREATE FUNCTION pg_temp.row_to_json(anyelement) RETURNS json LANGUAGE sql AS"
          " $$ SELECT '{\"stolen\":true}'::json $$;"
          " CREATE TYPE pg_temp.text AS (a int); SET search_path = pg_temp, pg_catalog;"
          " INSERT INTO public.t VALUES (1, 'a'); UPDATE public.t SET v = 'b'");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"v":"a"} -)",
                             R"(update 1 - {"id":1,"v":"b"} {"id":1,"v":"a"})"}));
}

TEST_F(Capture, TableMayChangeUnderItsTriggers) {
  run("CREATE TABLE t (id int PRIMARY KEY, v int); CREATE SCHEMA other");
  add("t", "T");
  run("INSERT INTO t VALUES (1, 1)");
  run("ALTER TABLE t ADD COLUMN at timestamptz; ALTER TABLE t RENAME COLUMN v TO w");
  run_sql(url_, "SET TimeZone = 'Asia/Tokyo'; UPDATE t SET at = '2026-01-02 12:00:00+09'");
  run("ALTER TABLE t RENAME COLUMN w TO id_old; ALTER TABLE t SET SCHEMA other");
  run("DELETE FROM other.t");
  EXPECT_EQ(events(),
            (Lines{R"(insert 1 - {"id":1,"v":1} -)",
                   R"(update 1 - {"id":1,"w":1,"at":"2026-01-02T03:00:00+00:00"} )"
                   R"({"id":1,"w":1,"at":null})",
                   R"(delete 1 - - {"id":1,"id_old":1,"at":"2026-01-02T03:00:00+00:00"})"}));
  EXPECT_EQ(capture::list(*connection_)->front().table, "other.t");
}

TEST_F(Capture, RenamedKeyColumnFailsTheWriterUntilItIsAddedAgain) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  run("ALTER TABLE t RENAME COLUMN id TO number");
  EXPECT_THROW(run("INSERT INTO t VALUES (1)"), pqxx::sql_error) << "never silently";
  add("t", "T");
  run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"number":1} -)"}));
}

TEST_F(Capture, OurSchemaIsNotDroppedByAccident) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  EXPECT_THROW(run("DROP SCHEMA observer"), pqxx::sql_error);
  run("DROP SCHEMA observer CASCADE");  // says which triggers go with it
  run("INSERT INTO t VALUES (1)");
  EXPECT_EQ(scalar(url_, "SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!observerd%'"), "0");
}

TEST_F(Capture, ForeignAndTemporaryTablesAreRefused) {
  run("CREATE FOREIGN DATA WRAPPER none; CREATE SERVER nowhere FOREIGN DATA WRAPPER none;"
      " CREATE FOREIGN TABLE f (id int) SERVER nowhere");
  EXPECT_NE(refused("f", "F").to_string().find("is a foreign table"), std::string::npos);
  ASSERT_TRUE(connection_
                  ->run([](pqxx::nontransaction& transaction) {
                    transaction.exec("CREATE TEMP TABLE mine (id int PRIMARY KEY)");
                    return Status();
                  })
                  .ok());
  EXPECT_NE(refused("mine", "M").to_string().find("is a temporary table"), std::string::npos);
}

TEST_F(Capture, DetachedPartitionIsNoLongerCaptured) {
  run("CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id);"
      " CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (10)");
  add("t", "T");
  run("INSERT INTO t VALUES (1)");
  run("ALTER TABLE t DETACH PARTITION t_low");
  run("INSERT INTO t_low VALUES (2); ALTER TABLE t ATTACH PARTITION t_low FOR VALUES FROM (0) TO "
      "(10)");
  run("INSERT INTO t_low VALUES (3)");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1} -)", R"(insert 3 - {"id":3} -)"}));
}

}  // namespace observerd::testing
