#pragma once

#include <functional>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/status.hpp"

namespace observerd::postgres {

struct Options {
  std::string url;                  ///< libpq URI or keywords; may hold a password
  std::string schema = "observer";  ///< where our tables live
  std::string application_name = "observerd";
  Milliseconds connect_timeout{10'000};
};

/// One connection to PostgreSQL, session settings pinned (UTC, standard strings, our plan
/// settings). Not thread-safe: one owner, one thread at a time. Every libpqxx exception is turned
/// into a Status here; the URL's password never gets into a message.
class Connection {
 public:
  /// OB009 with what to do: unreachable, wrong password, no such database, server older than 14.
  static Result<std::unique_ptr<Connection>> open(const Options& options);

  /// Runs `work` in one transaction and commits when it returns ok; else rolls back. A commit whose
  /// fate is unknown is an error and breaks the connection.
  Status transact(const std::function<Status(pqxx::work&)>& work);
  /// The same in one read-only repeatable-read transaction.
  Status read(const std::function<Status(pqxx::transaction_base&)>& work);
  /// Runs statements outside any transaction block, each in its own.
  Status run(const std::function<Status(pqxx::nontransaction&)>& work);

  /// Waits up to `timeout` for a notification on a channel that was LISTENed to with listen();
  /// true when one came. An error when the connection is lost.
  Status listen(const std::string& channel);
  Result<bool> wait_for_notification(Milliseconds timeout);

  /// True once the connection is known to be unusable; it never recovers: open a new one.
  bool broken() const { return broken_; }
  const std::string& schema() const { return options_.schema; }
  /// The schema as a quoted identifier: put in front of every table name.
  const std::string& quoted_schema() const { return quoted_schema_; }
  /// `"schema"."name"`
  std::string table(std::string_view name) const;
  pqxx::connection& raw() { return *connection_; }
  /// Thread-safe: asks the server to cancel what runs now.
  void cancel() noexcept;

 private:
  Connection() = default;
  Options options_;
  std::string quoted_schema_;
  std::unique_ptr<pqxx::connection> connection_;
  bool broken_ = false;
};

/// SQLSTATE of the error that `transact` and friends last turned into a Status is kept in a note
/// "SQLSTATE 23505"; this reads it back, "" when there is none.
std::string sqlstate(const Status& status);

}  // namespace observerd::postgres
