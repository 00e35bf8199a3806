// What a session can say, what it cannot reach, what happens when capturing fails, and emit.
#include <thread>

#include "fixture.hpp"

namespace observerd::testing {

TEST_F(Capture, SessionCanSuppressItsOwnWrites) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  run("BEGIN; SET LOCAL observer.suppress = on; INSERT INTO t VALUES (1); TRUNCATE t; COMMIT");
  EXPECT_EQ(events(), Lines{});
  run("BEGIN; SET LOCAL observer.suppress = off; INSERT INTO t VALUES (2); COMMIT");
  run("INSERT INTO t VALUES (3)");
  EXPECT_EQ(events().size(), 2U);
}

TEST_F(Capture, SessionNamesActorAndTrace) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  run("BEGIN; SET LOCAL observer.user_id = 'ann'; SET LOCAL observer.traceparent = '00-a-b-01';"
      " INSERT INTO t VALUES (1); SELECT observer.emit('T', '1', '{}'); COMMIT");
  run("INSERT INTO t VALUES (2)");
  EXPECT_EQ(run("SELECT actor, traceparent FROM observer.outbox ORDER BY id"),
            (Rows{{"ann", "00-a-b-01"}, {"ann", "00-a-b-01"}, {"NULL", "NULL"}}));
}

TEST_F(Capture, WriterNeedsNoRightsOnTheOutboxAndCannotRedirectIt) {
  run("CREATE TABLE t (id int PRIMARY KEY, v text)");
  add("t", "T");
  run("DROP ROLE IF EXISTS capture_writer; CREATE ROLE capture_writer; GRANT ALL ON t TO "
      "capture_writer;"
      " GRANT CREATE ON SCHEMA public TO capture_writer");
  run_sql(url_,
          "SET ROLE capture_writer;"
          "CREATE TABLE public.outbox (id int);"
          "CREATE FUNCTION public.row_to_json(anyelement) RETURNS json LANGUAGE sql AS"
          " $$ SELECT '{\"stolen\":true}'::json $$;"
          "CREATE FUNCTION public.neq(text, text) RETURNS bool LANGUAGE sql AS 'SELECT false';"
          "CREATE OPERATOR public.<> (LEFTARG = text, RIGHTARG = text, FUNCTION = public.neq);"
          "CREATE TEMP TABLE captures (id int); SET search_path = public, pg_catalog;"
          "INSERT INTO public.t VALUES (1, 'a'); UPDATE public.t SET v = 'b'");
  EXPECT_EQ(events(), (Lines{R"(insert 1 - {"id":1,"v":"a"} -)",
                             R"(update 1 - {"id":1,"v":"b"} {"id":1,"v":"a"})"}));
  EXPECT_EQ(run("SELECT has_function_privilege('capture_writer', oid, 'EXECUTE'), prosecdef,"
                " proconfig[1] FROM pg_proc WHERE proname LIKE 'capture\\_t\\_%'"),
            (Rows{{"f", "t", "search_path=pg_catalog, pg_temp"}}));
  run("DROP OWNED BY capture_writer CASCADE; DROP ROLE capture_writer");
}

TEST_F(Capture, FailureAbortsTheWriterByDefault) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  run("DROP TABLE observer.outbox_0");
  EXPECT_THROW(run("INSERT INTO t VALUES (1)"), pqxx::sql_error);
  EXPECT_EQ(scalar(url_, "SELECT count(*) FROM t"), "0");
}

TEST_F(Capture, FailureIsSkippedOnlyWhenAskedForAndNeverSilently) {
  for (const char* sql : {"CREATE TABLE t (id int PRIMARY KEY)",
                          "CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id)",
                          "CREATE TABLE p1 PARTITION OF p DEFAULT"}) {
    run(sql);
  }
  capture::AddOptions options;
  options.on_error = capture::OnError::Skip;
  for (const char* table : {"t", "p"}) {
    options.table = options.entity = table;
    add(options);
  }
  run("DROP TABLE observer.outbox_0");
  struct Warnings final : pqxx::errorhandler {
    using pqxx::errorhandler::errorhandler;
    bool operator()(const char text[]) noexcept override {
      all += text;
      return false;
    }
    std::string all;
  } warnings(application_);
  for (const char* table : {"t", "p"}) {
    warnings.all.clear();
    run(std::string("INSERT INTO ") + table + " VALUES (1)");
    EXPECT_NE(warnings.all.find(std::string("a change of ") + table + " was not captured"),
              std::string::npos)
        << warnings.all;
    EXPECT_EQ(scalar(url_, std::string("SELECT count(*) FROM ") + table), "1");
  }
}

TEST_F(Capture, RowsOfOneStatementWakeEveryShardOnceAndOnlyWhenItSleeps) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  const auto sleeper = connect(url_);
  ASSERT_TRUE(sleeper->listen("observer_wake").ok());
  run("INSERT INTO t SELECT generate_series(1, 100)");
  const Result<bool> awake = sleeper->wait_for_notification(Milliseconds(0));
  ASSERT_TRUE(awake.ok());
  EXPECT_FALSE(*awake);
  ASSERT_TRUE(sleeper
                  ->run([](pqxx::nontransaction& transaction) {
                    transaction.exec(
                        "SELECT pg_advisory_lock(observer.lock_class(), 1000000 + i)"
                        " FROM generate_series(0, 3) AS i");
                    return Status();
                  })
                  .ok());
  run("INSERT INTO t VALUES (101)");
  EXPECT_TRUE(sleeper->wait_for_notification(Milliseconds(20'000)).value());
}

TEST_F(Capture, PreparedTransactionsAreNotBrokenByWaking) {
  const auto sleeper = connect(url_);
  ASSERT_TRUE(sleeper
                  ->run([](pqxx::nontransaction& transaction) {
                    transaction.exec(
                        "SELECT pg_advisory_lock(observer.lock_class(), 1000000 + i)"
                        " FROM generate_series(0, 3) AS i");
                    return Status();
                  })
                  .ok());
  // The test server says observer.notify = on; a server without any such setting must be safe.
  for (const char* setting : {"", "off"}) {
    run(std::string("SET observer.notify = '") + setting + "'");
    const std::string name = std::string("'capture") + setting + "'";
    run("BEGIN; SELECT observer.emit('T', '1', '{}'); PREPARE TRANSACTION " + name);
    run("COMMIT PREPARED " + name);
  }
  EXPECT_EQ(events().size(), 2U);
}

TEST_F(Capture, EmitWritesEventsOfTheApplicationsOwn) {
  run("SELECT observer.emit('Order', '7', '{\"a\":1}', event_type => 'Order.paid')");
  run("SELECT observer.emit('Order', '7', '{\"a\":2}', kind => 'delete')");
  EXPECT_EQ(run("SELECT kind, entity, key, event_type, new_row::text, old_row::text,"
                " shard = observer.shard_of('Order', '7') FROM observer.outbox ORDER BY id"),
            (Rows{{"custom", "Order", "7", "Order.paid", "{\"a\":1}", "NULL", "t"},
                  {"delete", "Order", "7", "NULL", "NULL", "{\"a\":2}", "t"}}));
  for (const char* call : {"'Order', '7', '{}', kind => 'explode'", "'Order', NULL, '{}'",
                           "'', '7', '{}'", "'Order', '7', 'no json'"}) {
    EXPECT_THROW(run(std::string("SELECT observer.emit(") + call + ")"), pqxx::sql_error) << call;
  }
}

TEST_F(Capture, EmitsOfOneKeyAreWrittenInCommitOrder) {
  pqxx::connection first(url_);
  pqxx::work transaction(first);
  transaction.exec("SELECT observer.emit('T', '1', '\"first\"')");
  std::thread second([&] { run_sql(url_, "SELECT observer.emit('T', '1', '\"second\"')"); });
  // It is waiting for the first one's lock when it shows up in pg_locks.
  while (scalar(url_, "SELECT count(*) FROM pg_locks WHERE NOT granted") == "0") {
  }
  transaction.commit();
  second.join();
  EXPECT_EQ(events(), (Lines{"custom 1 - \"first\" -", "custom 1 - \"second\" -"}));
}

TEST_F(Capture, TransactionIdIsTakenBeforeTheEventsId) {
  // In a transaction that has written nothing yet, the id must not exist before the xid does.
  run("SELECT observer.emit('T', '1', '{}')");
  EXPECT_EQ(run("SELECT xid::text::bigint > 0, xid = (SELECT max(xid::text)::xid8 FROM"
                " observer.outbox) FROM observer.outbox"),
            (Rows{{"t", "t"}}));
  EXPECT_NE(scalar(url_,
                   "SELECT position('pg_current_xact_id' IN prosrc) <"
                   " position('INSERT INTO' IN prosrc) FROM pg_proc"
                   " WHERE oid = 'observer.emit'::regproc"),
            "f");
}

}  // namespace observerd::testing
