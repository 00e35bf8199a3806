#include "postgres/session.hpp"

namespace observerd::postgres {

// The base only keeps the reference until init(), as libpqxx's own basic_connection_base does.
Session::Session(const std::string& conninfo) : connection_base(policy_), policy_(conninfo) {
  init();
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"  // libpqxx 7 never reactivates
  inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

Session::~Session() noexcept {
  close();
}

pqxx::connectionpolicy::handle Session::Policy::do_startconnect(handle given) {
  return connected = connect_direct::do_startconnect(given);
}

pqxx::connectionpolicy::handle Session::Policy::do_disconnect(handle given) noexcept {
  connected = nullptr;
  return connect_direct::do_disconnect(given);
}

}  // namespace observerd::postgres
