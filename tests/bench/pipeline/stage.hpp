#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "postgres/private_server.hpp"
#include "support/daemon.hpp"

namespace observerd::bench {

/// Wall-clock seconds that something takes.
inline double seconds_of(const std::function<void()>& what) {
  const auto start = std::chrono::steady_clock::now();
  what();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// A private PostgreSQL with a captured table `item` (entity Item) of rows of about half a KB, and
/// an observerd that is configured for it.
class Stage {
 public:
  Stage();

  /// The rest of the configuration; log level and event log are set here.
  void configure(const std::string& event_log, const std::string& observers,
                 const std::string& more = "");
  /// Leaves nothing in the outbox but `count` new inserts.
  void fill(std::size_t count);
  /// Seconds that `observerd run --once` takes for what waits, its start and end included.
  double drain();
  /// Seconds that psql takes to copy the rows of the outbox out.
  double copy_out();

  std::string sql(const std::string& statement) const;
  const testing::Installation& installation() const { return *installation_; }

 private:
  std::unique_ptr<postgres::PrivateServer> server_;
  std::unique_ptr<testing::Installation> installation_;
};

/// An observer of entity ENTITY with one action.
std::string observer(const std::string& entity, const std::string& action);

}  // namespace observerd::bench
