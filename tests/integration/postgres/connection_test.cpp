#include <gtest/gtest.h>

#include <thread>

#include "support/postgres.hpp"

namespace observerd::testing {
namespace {

using postgres::sqlstate;

class Connection : public ::testing::Test {
 protected:
  Status exec(const std::string& sql) {
    return connection_->run([&](pqxx::nontransaction& transaction) {
      transaction.exec(sql);
      return Status();
    });
  }
  std::string backend() { return std::to_string(connection_->raw().backendpid()); }
  void terminate() { run_sql(url_, "SELECT pg_terminate_backend(" + backend() + ", 10000)"); }

  std::string url_ = empty_database();
  std::unique_ptr<postgres::Connection> connection_ = connect(url_);
};

TEST_F(Connection, SessionIsPinnedWhateverTheDatabaseSays) {
  run_sql(url_,
          "DO $$ DECLARE s text; BEGIN FOREACH s IN ARRAY ARRAY['TimeZone = ''Asia/Tokyo''',"
          " 'statement_timeout = 60000', 'idle_session_timeout = 60000', 'search_path = public',"
          " 'standard_conforming_strings = off', 'DateStyle = German'] LOOP"
          " EXECUTE format('ALTER DATABASE %I SET ', current_database()) || s; END LOOP; END $$");
  const auto pinned = connect(url_);
  std::string found;
  const Status status = pinned->run([&](pqxx::nontransaction& transaction) {
    for (const char* name :
         {"TimeZone", "statement_timeout", "idle_session_timeout", "search_path",
          "standard_conforming_strings", "DateStyle", "client_encoding", "application_name"}) {
      found += transaction.exec1(std::string("SHOW ") + name)[0].c_str() + std::string("|");
    }
    return Status();
  });
  EXPECT_TRUE(status.ok()) << status.to_string();
  EXPECT_EQ(found, "UTC|0|0|pg_catalog|on|ISO, YMD|UTF8|observerd|");
}

TEST_F(Connection, TransactCommitsWhenOkAndElseRollsBack) {
  ASSERT_TRUE(exec("CREATE TABLE public.t (id int PRIMARY KEY)").ok());
  EXPECT_TRUE(connection_
                  ->transact([](pqxx::work& work) {
                    work.exec("INSERT INTO public.t VALUES (1)");
                    return Status();
                  })
                  .ok());
  const Status refused = connection_->transact([](pqxx::work& work) {
    work.exec("INSERT INTO public.t VALUES (2)");
    return Status::error(Code::Storage, "changed my mind");
  });
  EXPECT_EQ(refused.message(), "changed my mind");
  EXPECT_EQ(scalar(url_, "SELECT string_agg(id::text, ',') FROM t"), "1");
}

TEST_F(Connection, SqlErrorsAreSentencesWithSqlstateAndLeaveTheConnectionUsable) {
  ASSERT_TRUE(exec("CREATE TABLE public.t (id int PRIMARY KEY)").ok());
  const Status status = connection_->transact([](pqxx::work& work) {
    work.exec("INSERT INTO public.t VALUES (1), (1)");
    return Status();
  });
  EXPECT_EQ(status.code(), Code::Database);
  EXPECT_EQ(status.message(), "duplicate key value violates unique constraint \"t_pkey\"");
  EXPECT_EQ(sqlstate(status), "23505");
  EXPECT_FALSE(connection_->broken());
  EXPECT_TRUE(exec("SELECT 1").ok());
}

TEST_F(Connection, ConversionErrorsAreStatusesToo) {
  const Status status = connection_->transact([](pqxx::work& work) {
    static_cast<void>(work.exec1("SELECT 'x'")[0].as<int>());
    return Status();
  });
  EXPECT_EQ(status.code(), Code::Database);
  EXPECT_FALSE(connection_->broken());
}

TEST_F(Connection, ReadSeesOneSnapshotAndCannotWrite) {
  ASSERT_TRUE(exec("CREATE TABLE public.t (id int)").ok());
  const Status status = connection_->read([&](pqxx::transaction_base& transaction) {
    EXPECT_EQ(transaction.exec1("SELECT count(*) FROM public.t")[0].as<int>(), 0);
    run_sql(url_, "INSERT INTO t VALUES (1)");
    EXPECT_EQ(transaction.exec1("SELECT count(*) FROM public.t")[0].as<int>(), 0);
    transaction.exec("INSERT INTO public.t VALUES (2)");
    return Status();
  });
  EXPECT_EQ(sqlstate(status), "25006");  // read_only_sql_transaction
}

TEST_F(Connection, LostConnectionStaysLost) {
  ASSERT_TRUE(exec("SELECT pg_advisory_lock(1)").ok());
  terminate();
  EXPECT_FALSE(exec("SELECT 1").ok());
  EXPECT_TRUE(connection_->broken());
  // libpqxx would have connected again by now, without the lock.
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(exec("SELECT 1").ok());
    EXPECT_FALSE(connection_->transact([](pqxx::work&) { return Status(); }).ok());
  }
  EXPECT_EQ(scalar(url_, "SELECT pg_try_advisory_lock(1)"), "t");
}

TEST_F(Connection, LossIsNoticedAtTheBeginOfATransaction) {
  terminate();
  EXPECT_FALSE(connection_->transact([](pqxx::work&) { return Status(); }).ok());
  EXPECT_TRUE(connection_->broken());
}

TEST_F(Connection, CommitOfUnknownFateBreaksTheConnection) {
  ASSERT_TRUE(exec("CREATE TABLE public.t (id int); CREATE FUNCTION public.die() RETURNS trigger"
                   " LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid());"
                   " PERFORM pg_sleep(10); RETURN NULL; END';"
                   " CREATE CONSTRAINT TRIGGER d AFTER INSERT ON public.t DEFERRABLE INITIALLY"
                   " DEFERRED FOR EACH ROW EXECUTE FUNCTION public.die()")
                  .ok());
  const Status status = connection_->transact([](pqxx::work& work) {
    work.exec("INSERT INTO public.t VALUES (1)");
    return Status();
  });
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(connection_->broken());
}

TEST_F(Connection, NotificationsAreSeenOnceAndTimeOutsAreNot) {
  ASSERT_TRUE(connection_->listen("Some Channel").ok());
  EXPECT_FALSE(connection_->wait_for_notification(Milliseconds(0)).value());
  run_sql(url_, "NOTIFY \"Some Channel\", '1'; NOTIFY \"Some Channel\", '2'");
  EXPECT_TRUE(connection_->wait_for_notification(Milliseconds(20'000)).value());
  EXPECT_FALSE(connection_->wait_for_notification(Milliseconds(10)).value());
  run_sql(url_, "NOTIFY \"Some Channel\"");
  ASSERT_TRUE(exec("SELECT 1").ok());  // swallows the message from the socket
  EXPECT_TRUE(connection_->wait_for_notification(Milliseconds(20'000)).value());
}

TEST_F(Connection, WaitEndsWithTheConnection) {
  ASSERT_TRUE(connection_->listen("c").ok());
  const std::string pid = backend();
  std::thread killer([&] { run_sql(url_, "SELECT pg_terminate_backend(" + pid + ")"); });
  EXPECT_FALSE(connection_->wait_for_notification(Milliseconds(60'000)).ok());
  EXPECT_TRUE(connection_->broken());
  killer.join();
}

TEST_F(Connection, CancelEndsAStatementOfAnotherThread) {
  std::thread canceller([&] {
    while (scalar(url_,
                  "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%'"
                  " AND state = 'active'") == "0") {
    }
    connection_->cancel();
  });
  EXPECT_EQ(sqlstate(exec("SELECT pg_sleep(60)")), "57014");
  canceller.join();
  EXPECT_FALSE(connection_->broken());
}

TEST_F(Connection, CancelEndsAWaitThePresentOneOrTheNext) {
  ASSERT_TRUE(connection_->listen("c").ok());
  std::thread canceller([&] { connection_->cancel(); });
  EXPECT_FALSE(connection_->wait_for_notification(Milliseconds(60'000)).value());
  canceller.join();
  connection_->cancel();
  EXPECT_FALSE(connection_->wait_for_notification(Milliseconds(60'000)).value());
}

TEST_F(Connection, MissingDatabaseSaysWhatToDo) {
  postgres::Options options;
  options.url = shared_server().url("nowhere");
  const Status status = postgres::Connection::open(options).status();
  EXPECT_EQ(status.code(), Code::Database);
  EXPECT_NE(status.to_string().find("create the database"), std::string::npos);
}

}  // namespace
}  // namespace observerd::testing
