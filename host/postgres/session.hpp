#pragma once

#include <pqxx/pqxx>
#include <string>

namespace observerd::postgres {

/// A libpqxx connection that connects once. libpqxx 6 reconnects by itself when a connection was
/// lost, which would silently drop our session's advisory locks (the leases), settings and
/// LISTENs; here a lost connection stays lost. Also gives access to libpq's handle.
/// Throws pqxx::broken_connection from the constructor.
class Session final : public pqxx::connection_base {
 public:
  explicit Session(const std::string& conninfo);
  ~Session() noexcept;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Null after a disconnect.
  pqxx::internal::pq::PGconn* handle() const { return policy_.connected; }

 private:
  struct Policy final : pqxx::connect_direct {
    using pqxx::connect_direct::connect_direct;
    handle do_startconnect(handle given) override;
    handle do_disconnect(handle given) noexcept override;
    handle connected = nullptr;
  };
  Policy policy_;
  pqxx::quiet_errorhandler quiet_{*this};  // notices would go to stderr
};

}  // namespace observerd::postgres
