// Changes of keys: one update that carries both, old and new rows paired rightly.
#include "fixture.hpp"

namespace observerd::testing {

TEST_F(Capture, KeyChangesAreFiledUnderTheOldKey) {
  run("CREATE TABLE t (id int PRIMARY KEY, v text)");
  add("t", "T");
  run("INSERT INTO t VALUES (1, 'a')");
  events();
  run("UPDATE t SET id = 2");
  EXPECT_EQ(events(), (Lines{R"(update 1 1 {"id":2,"v":"a"} {"id":1,"v":"a"})"}));
  EXPECT_EQ(scalar(url_,
                   "SELECT shard = observer.shard_of('T', '1') FROM observer.outbox"
                   " ORDER BY id DESC LIMIT 1"),
            "t");
}

/// Every event must pair the two versions of one row: column `row` never changes.
class CaptureKeys : public Capture {
 protected:
  void expect_paired(long count, long changed) {
    EXPECT_EQ(run("SELECT count(*), count(old_key), count(*) FILTER (WHERE"
                  " new_row->>'row' <> old_row->>'row' OR key <> old_row->>'id'"
                  " OR (old_key IS NULL) <> (new_row->>'id' = old_row->>'id')"
                  " OR old_key <> key) FROM observer.outbox WHERE kind = 'update' AND id > " +
                  std::to_string(seen_)),
              (Rows{{std::to_string(count), std::to_string(changed), "0"}}));
    events();
  }
  void make_table(int rows, const std::string& more = "") {
    run("CREATE TABLE t (id int, row int, v int DEFAULT 0, PRIMARY KEY (id) DEFERRABLE" + more +
        ")");
    run("INSERT INTO t SELECT i, i FROM generate_series(1, " + std::to_string(rows) + ") AS i");
    add("t", "T");
  }
};

TEST_F(CaptureKeys, ShiftOverManyRows) {
  make_table(1000);
  run("UPDATE t SET id = id + 1");
  expect_paired(1000, 1000);
  run("UPDATE t SET id = id - 1, v = v + 1");
  expect_paired(1000, 1000);
}

TEST_F(CaptureKeys, SwapAndPermutation) {
  make_table(1000);
  run("UPDATE t SET id = CASE id WHEN 1 THEN 2 WHEN 2 THEN 1 END WHERE id < 3");
  expect_paired(2, 2);
  run("UPDATE t SET id = 1001 - id, v = v + 1");
  expect_paired(1000, 1000);
}

TEST_F(CaptureKeys, SomeRowsOfAStatementChangeTheirKeyAndSomeDoNot) {
  make_table(1000);
  run("UPDATE t SET v = v + 1, id = CASE WHEN id % 3 = 0 THEN id + 3 ELSE id END");
  expect_paired(1000, 333);
}

TEST_F(CaptureKeys, TriggersOfTheUserThatChangeTheKey) {
  make_table(100);
  run("CREATE FUNCTION shift() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN NEW.id := NEW.id + 100; RETURN NEW; END'");
  run("CREATE TRIGGER zzz BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION shift()");
  run("UPDATE t SET v = 1");
  expect_paired(100, 100);
}

TEST_F(CaptureKeys, JoinedUpdateInAnotherOrder) {
  make_table(1000);
  run("UPDATE t SET id = s.target FROM (SELECT i, 2001 - i AS target FROM generate_series(1000, 1,"
      " -1) AS i ORDER BY md5(i::text)) AS s WHERE t.id = s.i");
  expect_paired(1000, 1000);
}

TEST_F(CaptureKeys, PlanMadeForOneRowServesManyRows) {
  make_table(20000);
  // The plan is cached at the first update of the session, when it looks best to loop.
  run("UPDATE t SET v = 1 WHERE id = 1; UPDATE t SET v = 2 WHERE id = 1; UPDATE t SET id = id + 1");
  expect_paired(20002, 20000);
  // Nor may the plan of a huge statement be compiled, at a hundred milliseconds for each small one.
  EXPECT_EQ(run("SELECT proconfig @> '{jit=off}' FROM pg_proc WHERE proname LIKE 'capture\\_%'"),
            (Rows{{"t"}}));
}

TEST_F(CaptureKeys, CascadeToItselfUpdatesOneRowTwice) {
  run("CREATE TABLE t (id int PRIMARY KEY, row int, boss int REFERENCES t ON UPDATE CASCADE)");
  run("INSERT INTO t VALUES (1, 1, 1), (2, 2, 1)");
  add("t", "T");
  run("UPDATE t SET id = 9 WHERE id = 1");
  EXPECT_EQ(events(), (Lines{R"(update 1 1 {"id":9,"row":1,"boss":1} {"id":1,"row":1,"boss":1})",
                             R"(update 2 - {"id":2,"row":2,"boss":9} {"id":2,"row":2,"boss":1})",
                             R"(update 9 - {"id":9,"row":1,"boss":9} {"id":9,"row":1,"boss":1})"}));
}

TEST_F(CaptureKeys, EqualKeysWithAnotherTextAreAChangeOfKey) {
  run("CREATE TABLE t (id numeric PRIMARY KEY)");
  run("INSERT INTO t VALUES (1.0)");
  add("t", "T");
  run("UPDATE t SET id = 1.00");
  EXPECT_EQ(events(), (Lines{R"(update 1.0 1.0 {"id":1.00} {"id":1.0})"}));
}

}  // namespace observerd::testing
