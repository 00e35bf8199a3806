// What is captured of a statement, whatever statement it is.
#include "fixture.hpp"

namespace observerd::testing {

TEST_F(Capture, InsertUpdateAndDeleteBecomeEvents) {
  run("CREATE TABLE orders (id int PRIMARY KEY, status text)");
  const capture::Captured added = add("orders", "Order");
  EXPECT_EQ(added.table, "public.orders");
  EXPECT_EQ(added.mode, "statement");
  run("INSERT INTO orders VALUES (1, 'new'), (2, 'new')");
  run("UPDATE orders SET status = 'paid' WHERE id = 2");
  run("DELETE FROM orders WHERE id = 1");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"status":"new"} -)",
                             R"(insert 2 - {"id":2,"status":"new"} -)",
                             R"(update 2 - {"id":2,"status":"paid"} {"id":2,"status":"new"})",
                             R"(delete 1 - - {"id":1,"status":"new"})"}));
}

TEST_F(Capture, EventsCarryEntityShardSegmentTransactionAndTime) {
  run("CREATE TABLE orders (id int PRIMARY KEY)");
  add("orders", "Order");
  run("INSERT INTO orders VALUES (7)");
  EXPECT_EQ(
      run("SELECT entity, shard = observer.shard_of('Order', '7'), segment,"
          " pg_xact_status(xid), created_at > now() - interval '1 minute', actor, traceparent,"
          " event_type FROM observer.outbox"),
      (Rows{{"Order", "t", "0", "committed", "t", "NULL", "NULL", "NULL"}}));
}

TEST_F(Capture, AnyColumnNameIsTakenAsItIs) {
  run(R"(CREATE TABLE "Odd ""Table""" (n int, old text, new text, data text, t text, r text,
         "Mixed Case" text, "quo""te" text, "@key@" text, observerd_new text, body text, key text,
         place text, writer_id text, PRIMARY KEY (n)))");
  add(R"("Odd ""Table""")", "Odd");
  run(R"(INSERT INTO "Odd ""Table""" VALUES (1,'a','b','c','d','e','f','g','h','i','j','k','l','m'))");
  run(R"(UPDATE "Odd ""Table""" SET "quo""te" = 'x', key = NULL)");
  run(R"(DELETE FROM "Odd ""Table""")");
  const std::string before =
      R"({"n":1,"old":"a","new":"b","data":"c","t":"d","r":"e","Mixed Case":"f","quo\"te":"g","@key@":"h","observerd_new":"i","body":"j","key":"k","place":"l","writer_id":"m"})";
  const std::string after =
      R"({"n":1,"old":"a","new":"b","data":"c","t":"d","r":"e","Mixed Case":"f","quo\"te":"x","@key@":"h","observerd_new":"i","body":"j","key":null,"place":"l","writer_id":"m"})";
  EXPECT_EQ(events(), (Lines{"insert 1 - " + before + " -", "update 1 - " + after + " " + before,
                             "delete 1 - - " + after}));
}

TEST_F(Capture, AnyColumnNameIsTakenAsItIsByRowTriggersToo) {
  run(R"(CREATE TABLE odd ("new" int, "old" text, row_key text, "quo""te" text, s text,
         PRIMARY KEY ("new", "quo""te")) PARTITION BY LIST ("new"))");
  run("CREATE TABLE odd_rest PARTITION OF odd DEFAULT");
  EXPECT_EQ(add("odd", "Odd").mode, "row");
  run("INSERT INTO odd VALUES (1, 'a', 'b', 'c', 'd')");
  run("UPDATE odd SET s = 'e'");
  const std::string rest = R"("old":"a","row_key":"b","quo\"te":"c","s":)";
  EXPECT_EQ(events(), (Lines{R"(insert ["1","c"] - {"new":1,)" + rest + R"("d"} -)",
                             R"(update ["1","c"] - {"new":1,)" + rest + R"("e"} {"new":1,)" + rest +
                                 R"("d"})"}));
}

TEST_F(Capture, KeysOfAnyTypeAreTheColumnsText) {
  struct Case {
    const char* type;
    const char* value;
    const char* text;
  };
  const Case cases[] = {
      {"bigint", "9223372036854775807", "9223372036854775807"},
      {"uuid", "'6F9619FF-8B86-D011-B42D-00C04FC964FF'", "6f9619ff-8b86-d011-b42d-00c04fc964ff"},
      {"text", "'a \"b\" \\ c'", "a \"b\" \\ c"},
      {"numeric", "1.500", "1.500"},
      {"boolean", "true", "true"},
      {"char(5)", "'ab'", "ab"},
      {"bytea", "'\\x00ff'", "\\x00ff"},
      {"timestamptz", "'2026-01-02 03:04:05+02'", "2026-01-02 01:04:05+00"},
      {"float8", "0.1", "0.1"},
      {"int[]", "'{1,2}'", "{1,2}"},
      {"mood", "'happy'", "happy"},
      {"interval", "'1 day 2 hours'", "1 day 02:00:00"},
  };
  run("CREATE TYPE mood AS ENUM ('sad', 'happy')");
  int number = 0;
  for (const Case& c : cases) {
    const std::string table = "t" + std::to_string(++number);
    run("CREATE TABLE " + table + " (k " + c.type + " PRIMARY KEY)");
    add(table, "E" + std::to_string(number));
    run_sql(
        url_,
        "SET TimeZone = 'Asia/Tokyo'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'escape';"
        " SET extra_float_digits = -10; SET DateStyle = 'German'; INSERT INTO " +
            table + " VALUES (" + c.value + ")");
    EXPECT_EQ(run("SELECT key FROM observer.outbox ORDER BY id DESC LIMIT 1"), (Rows{{c.text}}))
        << c.type;
  }
}

TEST_F(Capture, CompositeKeysAreJsonArraysInKeyOrder) {
  run("CREATE TABLE line (qty int, pos int, \"Order\" text, PRIMARY KEY (\"Order\", pos))");
  EXPECT_EQ(add("line", "Line").key, (std::vector<std::string>{"Order", "pos"}));
  run("INSERT INTO line VALUES (5, 2, 'a\"b')");
  EXPECT_EQ(events(), (Lines{R"(insert ["a\"b","2"] - {"qty":5,"pos":2,"Order":"a\"b"} -)"}));
}

TEST_F(Capture, AnyNotNullColumnsCanBeTheKey) {
  run("CREATE TABLE visit (customer int NOT NULL, at int)");
  add("visit", "Customer", {"customer"});
  run("INSERT INTO visit VALUES (1, 10), (1, 11)");
  run("UPDATE visit SET at = at + 1");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"customer":1,"at":10} -)",
                             R"(insert 1 - {"customer":1,"at":11} -)",
                             R"(update 1 - {"customer":1,"at":11} {"customer":1,"at":10})",
                             R"(update 1 - {"customer":1,"at":12} {"customer":1,"at":11})"}));
}

TEST_F(Capture, UpdatesThatChangeNothingAreLeftOut) {
  run("CREATE TABLE t (id int PRIMARY KEY, v numeric, doc json)");
  add("t", "T");
  run(R"(INSERT INTO t VALUES (1, 1.0, '{"a": 1}'), (2, 2, NULL))");
  events();
  run("UPDATE t SET v = v, doc = doc");
  EXPECT_EQ(events(), Lines{});
  run("UPDATE t SET v = v + CASE WHEN id = 2 THEN 1 ELSE 0 END");
  EXPECT_EQ(events(), (Lines{R"(update 2 - {"id":2,"v":3,"doc":null} {"id":2,"v":2,"doc":null})"}));
  run("UPDATE t SET v = 1.00 WHERE id = 1");  // equal, but not the same text
  EXPECT_EQ(events().size(), 1U);
}

TEST_F(Capture, UpdatesThatChangeNothingAreCapturedWhenAskedFor) {
  for (const char* table :
       {"plain (id int PRIMARY KEY)", "parted (id int PRIMARY KEY) PARTITION BY RANGE (id)"}) {
    run(std::string("CREATE TABLE ") + table);
  }
  run("CREATE TABLE part PARTITION OF parted DEFAULT");
  for (const char* table : {"plain", "parted"}) {
    capture::AddOptions options;
    options.table = options.entity = table;
    options.capture_unchanged = true;
    add(options);
    run(std::string("INSERT INTO ") + table + " VALUES (1)");
    run(std::string("UPDATE ") + table + " SET id = id");
    EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1} -)", R"(update 1 - {"id":1} {"id":1})"}));
  }
}

TEST_F(Capture, TruncateIsOneDeleteEventWithoutAKey) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  run("INSERT INTO t SELECT generate_series(1, 3)");
  events();
  run("TRUNCATE t");
  EXPECT_EQ(run("SELECT kind, key, event_type, old_row::text, shard = observer.shard_of('T', ''),"
                " pg_xact_status(xid) FROM observer.outbox ORDER BY id DESC LIMIT 1"),
            (Rows{{"delete", "", "T.truncate", "{}", "t", "committed"}}));
  EXPECT_EQ(events().size(), 1U);
}

TEST_F(Capture, CopyIsCaptured) {
  run("CREATE TABLE t (id int PRIMARY KEY, v text)");
  add("t", "T");
  pqxx::connection connection(url_);
  pqxx::work transaction(connection);
  pqxx::stream_to stream(transaction, "t", std::vector<std::string>{"id", "v"});
  stream << std::make_tuple(1, "a") << std::make_tuple(2, "b");
  stream.complete();
  transaction.commit();
  EXPECT_EQ(events(),
            (Lines{R"(insert 1 - {"id":1,"v":"a"} -)", R"(insert 2 - {"id":2,"v":"b"} -)"}));
}

TEST_F(Capture, OnConflictDoUpdateGivesInsertsAndUpdates) {
  run("CREATE TABLE t (id int PRIMARY KEY, v int)");
  add("t", "T");
  run("INSERT INTO t VALUES (1, 1)");
  events();
  run("INSERT INTO t VALUES (2, 2), (1, 5), (3, 3) ON CONFLICT (id) DO UPDATE SET v = excluded.v");
  Lines found = events();
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (Lines{R"(insert 2 - {"id":2,"v":2} -)", R"(insert 3 - {"id":3,"v":3} -)",
                          R"(update 1 - {"id":1,"v":5} {"id":1,"v":1})"}));
}

TEST_F(Capture, MergeGivesEachKindOfEvent) {
  if (std::stoi(scalar(url_, "SHOW server_version_num")) < 150000) GTEST_SKIP() << "no MERGE";
  run("CREATE TABLE t (id int PRIMARY KEY, v int)");
  add("t", "T");
  run("INSERT INTO t VALUES (1, 1), (2, 2)");
  events();
  run("MERGE INTO t USING (VALUES (1, 10), (2, NULL), (3, 30)) AS s (id, v) ON t.id = s.id"
      " WHEN MATCHED AND s.v IS NULL THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v"
      " WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.v)");
  Lines found = events();
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found, (Lines{R"(delete 2 - - {"id":2,"v":2})", R"(insert 3 - {"id":3,"v":30} -)",
                          R"(update 1 - {"id":1,"v":10} {"id":1,"v":1})"}));
}

TEST_F(Capture, CascadesAreCaptured) {
  run("CREATE TABLE parent (id int PRIMARY KEY)");
  run("CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent"
      " ON DELETE CASCADE ON UPDATE CASCADE)");
  add("child", "Child");
  run("INSERT INTO parent VALUES (1), (2)");
  run("INSERT INTO child VALUES (10, 1), (20, 2), (21, 2)");
  events();
  run("UPDATE parent SET id = 3 WHERE id = 1");
  EXPECT_EQ(events(), (Lines{R"(update 10 - {"id":10,"parent":3} {"id":10,"parent":1})"}));
  run("DELETE FROM parent");
  Lines found = events();
  std::sort(found.begin(), found.end());
  EXPECT_EQ(found,
            (Lines{R"(delete 10 - - {"id":10,"parent":3})", R"(delete 20 - - {"id":20,"parent":2})",
                   R"(delete 21 - - {"id":21,"parent":2})"}));
}

TEST_F(Capture, WritesInsideFunctionsAreCaptured) {
  run("CREATE TABLE t (id int PRIMARY KEY, v int)");
  run("CREATE FUNCTION put(i int) RETURNS void LANGUAGE sql AS 'INSERT INTO t VALUES (i, 0);"
      " UPDATE t SET v = v + 1 WHERE id = i'");
  add("t", "T");
  run("SELECT put(i) FROM generate_series(1, 2) AS i");
  EXPECT_EQ(
      events(),
      (Lines{R"(insert 1 - {"id":1,"v":0} -)", R"(update 1 - {"id":1,"v":1} {"id":1,"v":0})",
             R"(insert 2 - {"id":2,"v":0} -)", R"(update 2 - {"id":2,"v":1} {"id":2,"v":0})"}));
}

TEST_F(Capture, GeneratedColumnsAreInTheRow) {
  run("CREATE TABLE t (id int, twice int GENERATED ALWAYS AS (id * 2) STORED PRIMARY KEY)");
  add("t", "T");
  run("INSERT INTO t VALUES (1)");
  run("UPDATE t SET id = 2");
  EXPECT_EQ(events(), (Lines{R"(insert 2 - {"id":1,"twice":2} -)",
                             R"(update 2 2 {"id":2,"twice":4} {"id":1,"twice":2})"}));
}

TEST_F(Capture, DroppedColumnsLeaveNoTrace) {
  run("CREATE TABLE t (gone int, id int PRIMARY KEY, v int)");
  run("ALTER TABLE t DROP COLUMN gone");
  add("t", "T");
  run("INSERT INTO t VALUES (1, 1)");
  run("ALTER TABLE t DROP COLUMN v, ADD COLUMN w text DEFAULT 'x'");
  run("UPDATE t SET w = 'y'");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"v":1} -)",
                             R"(update 1 - {"id":1,"w":"y"} {"id":1,"w":"x"})"}));
}

TEST_F(Capture, LargeRowsAndExactNumericsStayWhole) {
  run("CREATE TABLE t (id int PRIMARY KEY, amount numeric, body text)");
  add("t", "T");
  const std::string amount = "123456789012345678901234567890.000000000000000000000000000000001";
  run("INSERT INTO t VALUES (1, " + amount + ", repeat('x', 5000000))");
  EXPECT_EQ(run("SELECT length(new_row->>'body'), (new_row->'amount')::text FROM observer.outbox"),
            (Rows{{"5000000", amount}}));
}

TEST_F(Capture, RowTextDoesNotVaryWithTheWritersSession) {
  run("CREATE TABLE t (id int PRIMARY KEY, at timestamptz, span interval, raw bytea, f float8,"
      " during tstzrange)");
  add("t", "T");
  run_sql(
      url_,
      "SET TimeZone = 'Asia/Tokyo'; SET IntervalStyle = 'iso_8601'; SET bytea_output = 'escape';"
      " SET extra_float_digits = -15; SET DateStyle = 'SQL, DMY'; INSERT INTO t VALUES (1,"
      " '2026-01-02 12:00:00+09', '1 day', '\\x01', 0.1::float8 + 0.2::float8,"
      " '[2026-01-02 12:00:00+09,)')");
  EXPECT_EQ(events(),
            (Lines{"insert 1 - {\"id\":1,\"at\":\"2026-01-02T03:00:00+00:00\",\"span\":\"1 day\","
                   "\"raw\":\"\\\\x01\",\"f\":0.30000000000000004,"
                   "\"during\":\"[\\\"2026-01-02 03:00:00+00\\\",)\"} -"}));
}

}  // namespace observerd::testing
