#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "postgres/connection.hpp"

namespace observerd::app {

/// A bounded number of connections, shared by threads that need one for a moment. Whoever finds
/// none free within the patience gets OB009, so that a database that hangs holds at most so many
/// threads. Thread-safe.
class DatabasePool {
 public:
  DatabasePool(postgres::Options options, std::size_t most, Milliseconds patience)
      : options_(std::move(options)), most_(most), patience_(patience) {}
  DatabasePool(const DatabasePool&) = delete;
  DatabasePool& operator=(const DatabasePool&) = delete;

  /// A connection for as long as this lives; given back when it is still good.
  class Lease {
   public:
    Lease(DatabasePool& pool, std::unique_ptr<postgres::Connection> connection)
        : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&&) = default;
    Lease& operator=(Lease&&) = delete;
    ~Lease();
    postgres::Connection& operator*() const { return *connection_; }

   private:
    DatabasePool* pool_;
    std::unique_ptr<postgres::Connection> connection_;
  };
  Result<Lease> take();

  /// Cancels what runs; from now on take() gives OB009.
  void close();

 private:
  void give_back(std::unique_ptr<postgres::Connection> connection);
  Status wait_for_place(std::unique_ptr<postgres::Connection>& idle);
  static Status closed();

  const postgres::Options options_;
  const std::size_t most_;
  const Milliseconds patience_;
  std::mutex mutex_;
  std::condition_variable free_;
  std::unique_ptr<postgres::Connection> idle_;  ///< one is enough between two looks
  std::set<postgres::Connection*> used_;
  std::size_t places_ = 0;  ///< taken, connected or about to be
  bool closed_ = false;
};

}  // namespace observerd::app
