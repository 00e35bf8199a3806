#include "capture/sync.hpp"

#include <utility>

#include "capture/installation.hpp"
#include "capture/row_columns.hpp"

namespace observerd::capture {
namespace {

using postgres::Connection;

Pushdown wanted_pushdown(pqxx::transaction_base& transaction, const Installed& installed,
                         const std::vector<Interest>& observers, bool log_everything) {
  Pushdown out =
      pushdown(installed.captured.entity, row_columns(transaction, installed.oid), observers);
  if (log_everything) {
    out.pushed = false;
    out.why_not = "the event log records every change";
  }
  return out;
}

Wanted wanted_of(const Installed& installed, Pushdown pushdown) {
  Wanted wanted;
  wanted.oid = installed.oid;
  wanted.options.entity = installed.captured.entity;
  wanted.options.key = installed.captured.key;
  wanted.options.on_error = installed.captured.on_error;
  wanted.options.capture_unchanged = installed.capture_unchanged;
  wanted.pushdown = std::move(pushdown);
  return wanted;
}

bool same_shares(const Pushdown& a, const Pushdown& b) {
  if (a.pushed != b.pushed) return false;
  if (!a.pushed) return true;
  if (a.shares.size() != b.shares.size()) return false;
  for (std::size_t i = 0; i < a.shares.size(); ++i) {
    const Share& x = a.shares[i];
    const Share& y = b.shares[i];
    if (std::tie(x.kind, x.observer, x.condition, x.predicate) !=
        std::tie(y.kind, y.observer, y.condition, y.predicate)) {
      return false;
    }
  }
  return true;
}

/// Why the installed triggers are not the planned ones; "" when they are.
std::string difference(const Installed& installed, const Installation& plan) {
  if (installed.definition.empty()) return "an older version installed it";
  if (!installed.untouched) return "triggers are missing, or a column has another name";
  if (!same_shares(installed.captured.pushdown, plan.captured.pushdown)) {
    return "it served other observers";
  }
  if (installed.definition != plan.definition) return "the table or this version is another";
  return {};
}

Status sync_table(pqxx::work& transaction, const Connection& connection, const Installed& installed,
                  const std::vector<Interest>& observers, const SyncOptions& options, Synced& out) {
  transaction.exec(kLimitWaiting);
  const Wanted wanted = wanted_of(
      installed, wanted_pushdown(transaction, installed, observers, options.log_everything));
  Result<Installation> plan = plan_installation(transaction, connection, wanted);
  if (!plan.ok()) return plan.status();
  out.reason = difference(installed, *plan);
  out.changed = !out.reason.empty();
  out.captured = std::move(plan->captured);
  out.captured.enabled = out.changed || installed.captured.enabled;
  if (!out.changed || options.dry_run) return {};
  const Result<Captured> captured = install(transaction, connection, wanted);
  return captured.status();
}

Result<std::vector<Installed>> installed_tables(Connection& connection) {
  std::vector<Installed> tables;
  Status status = connection.read([&](pqxx::transaction_base& transaction) {
    Status migrated = check_migrated(transaction, connection);
    if (migrated.ok()) tables = read_installed(transaction, connection);
    return migrated;
  });
  if (!status.ok()) return status;
  return tables;
}

}  // namespace

Result<std::vector<Synced>> sync(Connection& connection, const std::vector<Interest>& observers,
                                 const SyncOptions& options) {
  const Result<std::vector<Installed>> tables = installed_tables(connection);
  if (!tables.ok()) return tables.status();
  std::vector<Synced> out;
  for (const Installed& installed : *tables) {
    if (!installed.exists) continue;
    Synced synced;
    Status status = connection.transact([&](pqxx::work& transaction) {
      return sync_table(transaction, connection, installed, observers, options, synced);
    });
    if (!status.ok()) {
      if (connection.broken()) return status;
      synced = {
          installed.captured, false, {}, explain(std::move(status), installed.captured.table)};
    }
    out.push_back(std::move(synced));
  }
  return out;
}

Result<std::vector<Starved>> starved(Connection& connection, const std::vector<Interest>& observers,
                                     bool log_everything) {
  std::vector<Starved> out;
  Status status = connection.read([&](pqxx::transaction_base& transaction) {
    Status migrated = check_migrated(transaction, connection);
    if (!migrated.ok()) return migrated;
    for (const Installed& installed : read_installed(transaction, connection)) {
      const Captured& captured = installed.captured;
      if (!installed.exists || !captured.pushdown.pushed) continue;
      const Pushdown wanted = wanted_pushdown(transaction, installed, observers, log_everything);
      // Triggers that were tampered with serve nobody for sure.
      std::vector<std::string> names =
          starved_by(installed.untouched ? captured.pushdown : Pushdown{true, {}, {}}, wanted);
      if (!names.empty() || log_everything) {
        out.push_back({captured.table, captured.entity, std::move(names)});
      }
    }
    return Status();
  });
  if (!status.ok()) return status;
  return out;
}

}  // namespace observerd::capture
