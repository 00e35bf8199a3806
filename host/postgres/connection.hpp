#pragma once

#include <functional>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/status.hpp"

namespace observerd::postgres {

class Session;

struct Options {
  std::string url;                  ///< libpq URI or keywords; may hold a password
  std::string schema = "observer";  ///< where our tables live
  std::string application_name = "observerd";
  Milliseconds connect_timeout{10'000};
};

/// One connection to PostgreSQL, session settings pinned: UTC, ISO dates, standard strings, no
/// statement, lock or idle time-outs, no JIT, and a search_path of pg_catalog only, so that every
/// other name is written with its schema. Not thread-safe except for cancel(): one owner, one
/// thread at a time. Every libpqxx exception is turned into a Status here; the URL's password
/// never gets into a message. Never reconnects: what a session holds (locks, LISTENs) is gone
/// with it, and the owner must know.
class Connection {
 public:
  /// OB009 with what to do: unreachable, wrong password, no such database, server older than 14.
  static Result<std::unique_ptr<Connection>> open(const Options& options);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs `work` in one transaction and commits when it returns ok; else rolls back. A commit whose
  /// fate is unknown is an error and breaks the connection.
  Status transact(const std::function<Status(pqxx::work&)>& work);
  /// The same in one read-only repeatable-read transaction.
  Status read(const std::function<Status(pqxx::transaction_base&)>& work);
  /// Runs statements outside any transaction block, each in its own.
  Status run(const std::function<Status(pqxx::nontransaction&)>& work);

  /// `channel` is the plain name, not quoted.
  Status listen(const std::string& channel);
  /// Waits up to `timeout` for a notification on a channel that was LISTENed to with listen();
  /// true when one came (also one that came before the call, unless an earlier call told of it),
  /// false after the time-out or when cancel() was called. An error when the connection is lost.
  Result<bool> wait_for_notification(Milliseconds timeout);

  /// True once the connection is known to be unusable; it never recovers: open a new one.
  bool broken() const { return broken_; }
  const std::string& schema() const { return options_.schema; }
  /// The schema as a quoted identifier: put in front of every table name.
  const std::string& quoted_schema() const { return quoted_schema_; }
  /// `"schema"."name"`
  std::string table(std::string_view name) const;
  /// For what the above does not cover (COPY, prepared statements); its exceptions are the
  /// caller's, unless used inside a transaction of this class.
  pqxx::connection_base& raw();
  /// Thread-safe: asks the server to cancel what runs now (it then fails with SQLSTATE 57014), and
  /// ends a wait_for_notification, the present one or the next. May block for as long as it takes
  /// to reach the server.
  void cancel() noexcept;

 private:
  class Wakeup;  // what listen() registers and cancel() sets
  Connection();
  Status guarded(const std::function<Status()>& body);
  Status set_up();

  Options options_;
  std::string quoted_schema_;
  std::unique_ptr<Session> session_;
  std::unique_ptr<Wakeup> wakeup_;
  bool broken_ = false;
};

/// The SQLSTATE of the error that `transact` and friends last turned into a Status is kept in a
/// note "SQLSTATE 23505"; this reads it back, "" when there is none.
std::string sqlstate(const Status& status);

}  // namespace observerd::postgres
