// add, list, drop and columns: what they accept, refuse and say.
#include "fixture.hpp"

namespace observerd::testing {

TEST_F(Capture, RefusalsNameTheTableAndWhatToDo) {
  run("CREATE TABLE orders (id int PRIMARY KEY, maybe int)");
  run("CREATE TABLE keyless (id int)");
  run("CREATE VIEW v AS SELECT 1 AS id; CREATE MATERIALIZED VIEW m AS SELECT 1 AS id;"
      " CREATE SEQUENCE s; CREATE INDEX i ON orders (maybe)");
  add("orders", "Order");
  struct Case {
    const char* table;
    const char* entity;
    std::vector<std::string> key;
    const char* message;
  };
  const Case cases[] = {
      {"keyless", "K", {}, "public.keyless has no primary key"},
      {"v", "V", {}, "public.v is a view"},
      {"m", "M", {}, "public.m is a materialized view"},
      {"s", "S", {}, "public.s is not a table"},
      {"i", "I", {}, "public.i is not a table"},
      {"ordres", "O", {}, "there is no table ordres, did you mean \"orders\"?"},
      {"public.oders", "O", {}, "there is no table public.oders, did you mean \"public.orders\"?"},
      {"observer.outbox", "X", {}, "belongs to observerd itself"},
      {"observer.captures", "X", {}, "belongs to observerd itself"},
      {"pg_catalog.pg_class", "X", {}, "belongs to PostgreSQL itself"},
      {"orders", "Order", {"ids"}, "has no column \"ids\", did you mean \"id\"?"},
      {"orders", "Order", {"maybe"}, "may be null"},
      {"orders", "Order", {"id", "id"}, "names column \"id\" twice"},
      {"keyless", "Order", {"id"}, "the entity Order is already taken by public.orders"},
      {"orders", "O", {}, "is captured as Order"},
      {"orders", "*", {}, "cannot be an entity's name"},
      {"orders", "", {}, "cannot be an entity's name"},
  };
  for (const Case& c : cases) {
    const Status status = refused(c.table, c.entity, c.key);
    EXPECT_EQ(status.code(), Code::Database) << c.table;
    EXPECT_NE(status.message().find(c.message), std::string::npos) << status.to_string();
  }
  const Result<std::vector<capture::Captured>> left = capture::list(*connection_);
  ASSERT_EQ(left->size(), 1U);
  EXPECT_TRUE(left->front().enabled);
}

TEST_F(Capture, MalformedTableNameIsAnError) {
  for (const char* name : {"", "a.b.c.d", "\"open"}) EXPECT_FALSE(refused(name, "X").ok()) << name;
}

TEST_F(Capture, TableIsFoundAsTheUsersSearchPathSays) {
  run("CREATE SCHEMA shop; CREATE TABLE shop.item (id int PRIMARY KEY)");
  run("DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = shop', current_database());"
      " END $$");
  connection_ = connect(url_);
  EXPECT_EQ(add("item", "Item").table, "shop.item");
}

TEST_F(Capture, MissingRightsAreNamed) {
  run("CREATE TABLE t (id int PRIMARY KEY); DROP ROLE IF EXISTS capture_stranger;"
      " CREATE ROLE capture_stranger LOGIN; GRANT USAGE ON SCHEMA observer TO capture_stranger;"
      " GRANT SELECT, DELETE ON observer.captures TO capture_stranger");
  std::string url = url_;
  url.replace(url.find("//postgres@"), 11, "//capture_stranger@");
  const auto stranger = connect(url);
  capture::AddOptions options;
  options.table = "t";
  options.entity = "T";
  const Status status = capture::add(*stranger, options).status();
  EXPECT_EQ(status.message(), "the role capture_stranger may not create triggers on public.t");
  EXPECT_NE(status.to_string().find("GRANT TRIGGER ON public.t TO capture_stranger"),
            std::string::npos);
  run("DROP OWNED BY capture_stranger; DROP ROLE capture_stranger");
}

TEST_F(Capture, AddingAgainReplaces) {
  run("CREATE TABLE t (id int PRIMARY KEY, other int NOT NULL)");
  add("t", "First");
  capture::AddOptions again;
  again.table = "t";
  again.entity = "Second";
  again.key = {"other"};
  again.replace = true;
  add(again);
  run("INSERT INTO t VALUES (1, 2)");
  EXPECT_EQ(run("SELECT entity, key FROM observer.outbox"), (Rows{{"Second", "2"}}));
  const Result<std::vector<capture::Captured>> captures = capture::list(*connection_);
  ASSERT_EQ(captures->size(), 1U);
  EXPECT_EQ(captures->front().key, (std::vector<std::string>{"other"}));
  EXPECT_EQ(scalar(url_, "SELECT count(*) FROM pg_proc WHERE proname LIKE 'capture\\_%'"), "1");
}

TEST_F(Capture, DropRemovesTriggersAndFunctionsAndKeepsWhatWaits) {
  run("CREATE TABLE t (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE t1 PARTITION OF t"
      " FOR VALUES FROM (0) TO (10); CREATE TABLE t2 PARTITION OF t DEFAULT");
  add("t", "T");
  run("INSERT INTO t VALUES (1)");
  run("ALTER TABLE t DETACH PARTITION t2");  // keeps its statement trigger
  const Status dropped = capture::drop(*connection_, "t");
  EXPECT_TRUE(dropped.ok()) << dropped.to_string();
  run("INSERT INTO t VALUES (2); TRUNCATE t2");
  EXPECT_EQ(events().size(), 1U);
  EXPECT_EQ(scalar(url_,
                   "SELECT (SELECT count(*) FROM pg_trigger WHERE tgname LIKE '!%') +"
                   " (SELECT count(*) FROM pg_proc WHERE proname LIKE 'capture\\_%')"),
            "0");
  EXPECT_NE(capture::drop(*connection_, "t").message().find("is not captured"), std::string::npos);
}

TEST_F(Capture, ListTellsWhenTriggersAreMissingOrDisabled) {
  run("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY);"
      " CREATE TABLE c (id int PRIMARY KEY)");
  for (const char* table : {"a", "b", "c"}) add(table, table);
  run("ALTER TABLE a DISABLE TRIGGER \"!observerd_update\"; DROP TABLE c");
  const Result<std::vector<capture::Captured>> captures = capture::list(*connection_);
  ASSERT_TRUE(captures.ok()) << captures.status().to_string();
  ASSERT_EQ(captures->size(), 3U);
  EXPECT_FALSE(captures->at(0).enabled);
  EXPECT_TRUE(captures->at(1).enabled);
  EXPECT_FALSE(captures->at(2).enabled);
  EXPECT_EQ(captures->at(2).table, "public.c");
}

TEST_F(Capture, DroppedTableGivesItsEntityBack) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  run("DROP TABLE t; CREATE TABLE u (id int PRIMARY KEY)");
  EXPECT_EQ(add("u", "T").table, "public.u");
  EXPECT_EQ(capture::list(*connection_)->size(), 1U);
}

TEST_F(Capture, RenamedTableStaysCaptured) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  add("t", "T");
  run("ALTER TABLE t RENAME TO u; INSERT INTO u VALUES (1)");
  EXPECT_EQ(events().size(), 1U);
  EXPECT_EQ(capture::list(*connection_)->front().table, "public.u");
  EXPECT_TRUE(capture::drop(*connection_, "u").ok());
}

TEST_F(Capture, ColumnsOfAnEntityWithTheirTypes) {
  run("CREATE TABLE t (id int PRIMARY KEY, gone int, price numeric(10,2), \"At\" timestamptz)");
  run("ALTER TABLE t DROP COLUMN gone");
  add("t", "Thing");
  const Result<std::vector<capture::Column>> columns = capture::columns(*connection_, "Thing");
  ASSERT_TRUE(columns.ok());
  Lines found;
  for (const capture::Column& column : *columns) found.push_back(column.name + " " + column.type);
  EXPECT_EQ(found, (Lines{"id integer", "price numeric(10,2)", "At timestamp with time zone"}));
  EXPECT_NE(
      capture::columns(*connection_, "Thin").status().message().find("did you mean \"Thing\""),
      std::string::npos);
}

TEST_F(Capture, DatabaseWithoutMigrationsSaysSo) {
  const auto bare = connect(empty_database());
  EXPECT_NE(capture::list(*bare).status().to_string().find("observerd migrate"), std::string::npos);
  capture::AddOptions options;
  options.table = options.entity = "t";
  EXPECT_FALSE(capture::add(*bare, options).ok());
}

TEST_F(Capture, EntityNamesMayHoldAnything) {
  run("CREATE TABLE t (id int PRIMARY KEY)");
  const std::string entity = "O'Brien\\ \"x\" @schema@ $$ ü";
  add("t", entity);
  run_sql(url_, "SET standard_conforming_strings = off; INSERT INTO t VALUES (1); TRUNCATE t");
  EXPECT_EQ(run("SELECT entity FROM observer.outbox"), (Rows{{entity}, {entity}}));
  EXPECT_TRUE(capture::drop(*connection_, "t").ok());
}

}  // namespace observerd::testing
