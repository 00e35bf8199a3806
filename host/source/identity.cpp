#include "source/identity.hpp"

#include "source/progress.hpp"

namespace observerd::source {

Result<std::string> server_identifier(postgres::Connection& connection) {
  std::string identifier;
  const Status status = connection.run([&](pqxx::nontransaction& transaction) {
    identifier =
        transaction.exec1("SELECT system_identifier::text FROM pg_control_system()")[0].c_str();
    return Status();
  });
  if (status.ok()) return identifier;
  // insufficient_privilege, undefined_function, feature_not_supported: some hosted servers.
  const std::string state = postgres::sqlstate(status);
  if (state == "42501" || state == "42883" || state == "0A000") return std::string();
  return status;
}

Status check_identity(postgres::Connection& connection) {
  const Result<Installation> found = installation(connection);
  if (!found.ok()) return found.status();
  const std::string &then = found->system_identifier, &now = found->present_identifier;
  if (then.empty() || now.empty() || then == now) return Status();
  return Status::error(Code::Storage,
                       "the database is a copy that was restored on another server: run `observerd "
                       "adopt` before anything is sent")
      .note("the installation belongs to the server " + then + ", this is the server " + now);
}

}  // namespace observerd::source
