#include "source/locks.hpp"

namespace observerd::source {
namespace {

constexpr const char* kTry = "observerd_try_lock";
constexpr const char* kUnlock = "observerd_unlock";
constexpr const char* kLockShared = "observerd_lock_shared";
constexpr const char* kUnlockShared = "observerd_unlock_shared";

Status run(postgres::Connection& connection, const char* statement, int key) {
  return connection.run([&](pqxx::nontransaction& transaction) {
    transaction.exec_prepared1(statement, key);
    return Status();
  });
}

}  // namespace

void prepare_locks(postgres::Connection& connection) {
  const std::string keys = "(" + connection.quoted_schema() + ".lock_class(), $1::int)";
  pqxx::connection_base& session = connection.raw();
  session.prepare(kTry, "SELECT pg_try_advisory_lock" + keys);
  session.prepare(kUnlock, "SELECT pg_advisory_unlock" + keys);
  session.prepare(kLockShared, "SELECT pg_advisory_lock_shared" + keys);
  session.prepare(kUnlockShared, "SELECT pg_advisory_unlock_shared" + keys);
}

Result<bool> try_lock(postgres::Connection& connection, int key) {
  bool granted = false;
  Status status = connection.run([&](pqxx::nontransaction& transaction) {
    granted = transaction.exec_prepared1(kTry, key)[0].c_str()[0] == 't';
    return Status();
  });
  if (!status.ok()) return status;
  return granted;
}

Status unlock(postgres::Connection& connection, int key) {
  return run(connection, kUnlock, key);
}

Status lock_shared(postgres::Connection& connection, int key) {
  return run(connection, kLockShared, key);
}

Status unlock_shared(postgres::Connection& connection, int key) {
  return run(connection, kUnlockShared, key);
}

Status tell_hosts(postgres::Connection& connection) {
  return connection.run([&](pqxx::nontransaction& transaction) {
    transaction.exec_params("SELECT pg_notify($1, '')", hosts_channel(connection));
    return Status();
  });
}

std::string hosts_channel(const postgres::Connection& connection) {
  return connection.schema() + "_hosts";
}

}  // namespace observerd::source
