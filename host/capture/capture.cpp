#include "capture/capture.hpp"

#include "base/strings.hpp"
#include "capture/installation.hpp"
#include "capture/table_facts.hpp"

namespace observerd::capture {
namespace {

using postgres::Connection;

/// Tables that were dropped leave their row and function behind, and with them the entity's name.
void forget_dropped(pqxx::work& transaction, const Connection& connection) {
  const pqxx::result gone =
      transaction.exec("SELECT entity FROM " + connection.table("captures") +
                       " AS c WHERE NOT EXISTS (SELECT FROM pg_class WHERE oid = c.relation)");
  for (const pqxx::row& row : gone) uninstall(transaction, connection, row[0].c_str());
}

Status check_entity(pqxx::work& transaction, const Connection& connection,
                    const AddOptions& options, unsigned oid) {
  if (options.entity.empty() || options.entity == "*" || !is_valid_utf8(options.entity)) {
    return Status::error(Code::Database, "\"" + options.entity + "\" cannot be an entity's name")
        .note("name what a row is, for example Order; \"*\" means every entity");
  }
  const pqxx::result rows =
      transaction.exec_params("SELECT relation::text FROM " + connection.table("captures") +
                                  " WHERE entity = $1 AND relation <> $2::oid",
                              options.entity, oid);
  if (!rows.empty()) {
    return Status::error(Code::Database, "the entity " + options.entity + " is already taken by " +
                                             std::string(rows[0][0].c_str()))
        .note("one table, one entity: choose another name, or drop that capture first");
  }
  if (options.replace) return {};
  const pqxx::result own =
      transaction.exec_params("SELECT entity FROM " + connection.table("captures") +
                                  " WHERE relation = $1::oid AND entity <> $2",
                              oid, options.entity);
  if (own.empty()) return {};
  const std::string has = own[0][0].c_str();
  return Status::error(Code::Database, "the table " + options.table + " is captured as " + has)
      .note("--replace captures it as " + options.entity + " instead; observers of " + has +
            " get nothing more then");
}

Result<std::string> entity_of_table(pqxx::work& transaction, const Connection& connection,
                                    const std::string& table) {
  const pqxx::result rows = transaction.exec("SELECT entity, relation::oid, table_name FROM " +
                                             connection.table("captures"));
  const Result<unsigned> oid = resolve_table(transaction, table);
  std::vector<std::string> names;
  for (const pqxx::row& row : rows) {
    // By the recorded name too: that of a table which is gone.
    if (oid.ok() ? row[1].as<unsigned>() == *oid : table == row[2].c_str()) {
      return std::string(row[0].c_str());
    }
    names.emplace_back(row[2].c_str());
  }
  return Status::error(Code::Database,
                       "the table " + table + " is not captured" + did_you_mean(table, names))
      .note("`observerd capture list` shows what is");
}

}  // namespace

Result<Captured> add(Connection& connection, const AddOptions& options) {
  Captured added;
  Status status = connection.transact([&](pqxx::work& transaction) {
    transaction.exec(kLimitWaiting);
    Status migrated = check_migrated(transaction, connection);
    if (!migrated.ok()) return migrated;
    forget_dropped(transaction, connection);
    const Result<unsigned> oid = resolve_table(transaction, options.table);
    if (!oid.ok()) return oid.status();
    Status entity = check_entity(transaction, connection, options, *oid);
    if (!entity.ok()) return entity;
    Result<Captured> installed = install(transaction, connection, {*oid, options, {}});
    if (!installed.ok()) return installed.status();
    added = std::move(*installed);
    return Status();
  });
  if (!status.ok()) return explain(std::move(status), options.table);
  return added;
}

Result<std::vector<Captured>> list(Connection& connection) {
  std::vector<Captured> captures;
  Status status = connection.read([&](pqxx::transaction_base& transaction) {
    Status migrated = check_migrated(transaction, connection);
    if (!migrated.ok()) return migrated;
    for (Installed& installed : read_installed(transaction, connection)) {
      captures.push_back(std::move(installed.captured));
    }
    return Status();
  });
  if (!status.ok()) return status;
  return captures;
}

Status drop(Connection& connection, const std::string& table) {
  Status status = connection.transact([&](pqxx::work& transaction) {
    transaction.exec(kLimitWaiting);
    Status migrated = check_migrated(transaction, connection);
    if (!migrated.ok()) return migrated;
    const Result<std::string> entity = entity_of_table(transaction, connection, table);
    if (!entity.ok()) return entity.status();
    uninstall(transaction, connection, *entity);
    return Status();
  });
  return explain(std::move(status), table);
}

Result<std::vector<Column>> columns(Connection& connection, const std::string& entity) {
  std::vector<Column> found;
  Status status = connection.read([&](pqxx::transaction_base& transaction) {
    Status migrated = check_migrated(transaction, connection);
    if (!migrated.ok()) return migrated;
    for (const pqxx::row& row : transaction.exec_params(
             "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM " +
                 connection.table("captures") +
                 " AS k JOIN pg_attribute AS a ON a.attrelid = k.relation"
                 " WHERE k.entity = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
             entity)) {
      found.push_back({row[0].c_str(), row[1].c_str()});
    }
    if (!found.empty()) return Status();
    std::vector<std::string> entities;
    for (const pqxx::row& row :
         transaction.exec("SELECT entity FROM " + connection.table("captures"))) {
      entities.emplace_back(row[0].c_str());
    }
    return Status::error(Code::Database,
                         "no table is captured as " + entity + did_you_mean(entity, entities))
        .note("run `observerd capture add TABLE --entity " + entity + "`");
  });
  if (!status.ok()) return status;
  return found;
}

}  // namespace observerd::capture
