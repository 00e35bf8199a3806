#include "capture/capture.hpp"

#include <algorithm>

#include "base/strings.hpp"
#include "capture/table_facts.hpp"
#include "capture/trigger_sql.hpp"
#include "postgres/quote.hpp"

namespace observerd::capture {
namespace {

using postgres::Connection;
using postgres::quote_identifier;

/// DDL waits for running transactions, and everybody else then waits for the DDL.
constexpr const char* kLimitWaiting = "SET LOCAL lock_timeout = '5s'";

Status check_migrated(pqxx::transaction_base& transaction, const Connection& connection) {
  const pqxx::row row =
      transaction.exec_params1("SELECT to_regclass($1)", connection.table("captures"));
  if (!row[0].is_null()) return {};
  return Status::error(Code::Database,
                       "schema " + connection.quoted_schema() + " has no capture tables")
      .note("run `observerd migrate`");
}

/// Makes the common failures of DDL say what to do.
Status explain(Status status, const std::string& table) {
  const std::string state = postgres::sqlstate(status);
  if (state == "55P03") {
    return Status::error(Code::Database, table + " is in use by a transaction that does not end")
        .note("nothing was changed; try again when it has ended")
        .note("SQLSTATE " + state);
  }
  if (state == "42501") {
    status.note("run this as the owner of the table, or GRANT TRIGGER ON it");
  }
  return status;
}

/// The triggers of a function wherever they are, also on partitions detached since, and itself.
void uninstall(pqxx::work& transaction, const Connection& connection, const std::string& entity) {
  const std::string function = function_name(entity);
  const pqxx::result triggers = transaction.exec_params(
      "SELECT format('DROP TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname)"
      " FROM pg_trigger AS t JOIN pg_proc AS p ON p.oid = t.tgfoid"
      " JOIN pg_class AS c ON c.oid = t.tgrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace"
      " WHERE p.proname = $1 AND p.pronamespace = to_regnamespace($2) AND t.tgparentid = 0",
      function, connection.quoted_schema());
  for (const pqxx::row& trigger : triggers) transaction.exec(trigger[0].c_str());
  transaction.exec("DROP FUNCTION IF EXISTS " + connection.table(function) + "()");
  transaction.exec_params("DELETE FROM " + connection.table("captures") + " WHERE entity = $1",
                          entity);
}

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
  if (rows.empty()) return {};
  return Status::error(Code::Database, "the entity " + options.entity + " is already taken by " +
                                           std::string(rows[0][0].c_str()))
      .note("one table, one entity: choose another name, or drop that capture first");
}

std::string text_array(const std::vector<std::string>& items) {
  std::string out = "{";
  for (const std::string& item : items) {
    if (out.size() > 1) out += ',';
    out += '"';
    for (const char c : item) {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    out += '"';
  }
  return out + '}';
}

/// The first dimension of a text[] in PostgreSQL's output form.
std::vector<std::string> parse_array(const pqxx::field& field) {
  std::vector<std::string> out;
  pqxx::array_parser parser = field.as_array();
  for (auto [kind, text] = parser.get_next(); kind != pqxx::array_parser::done;
       std::tie(kind, text) = parser.get_next()) {
    if (kind == pqxx::array_parser::string_value) out.push_back(text);
  }
  return out;
}

Status install(pqxx::work& transaction, const Connection& connection, const AddOptions& options,
               unsigned oid, Captured& added) {
  const pqxx::result before = transaction.exec_params(
      "SELECT entity FROM " + connection.table("captures") + " WHERE relation = $1::oid", oid);
  if (!before.empty()) uninstall(transaction, connection, before[0][0].c_str());
  const Result<TableFacts> facts = inspect_table(transaction, connection, oid, options.key);
  if (!facts.ok()) return facts.status();

  TriggerPlan plan;
  plan.schema = connection.quoted_schema();
  plan.function = quote_identifier(function_name(options.entity));
  plan.entity = options.entity;
  plan.mode = choose_mode(*facts);
  plan.on_error = options.on_error;
  plan.capture_unchanged = options.capture_unchanged;
  plan.facts = &*facts;
  transaction.exec(create_function(plan));
  for (const std::string& statement : create_triggers(plan)) transaction.exec(statement);
  added = {facts->name, options.entity, facts->key, options.on_error, mode_name(plan.mode), true};
  transaction.exec_params(
      "INSERT INTO " + connection.table("captures") +
          " (relation, table_name, entity, key, on_error, mode, capture_unchanged)"
          " VALUES ($1::oid, $2, $3, $4::text[], $5, $6, $7)",
      oid, added.table, added.entity, text_array(added.key),
      options.on_error == OnError::Abort ? "abort" : "skip", added.mode, options.capture_unchanged);
  return {};
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
    return entity.ok() ? install(transaction, connection, options, *oid, added) : entity;
  });
  if (!status.ok()) return explain(std::move(status), options.table);
  return added;
}

Result<std::vector<Captured>> list(Connection& connection) {
  std::vector<Captured> captures;
  Status status = connection.read([&](pqxx::transaction_base& transaction) {
    Status migrated = check_migrated(transaction, connection);
    if (!migrated.ok()) return migrated;
    for (const pqxx::row& row : transaction.exec(
             "SELECT CASE WHEN c.oid IS NULL THEN k.table_name"
             " ELSE format('%I.%I', n.nspname, c.relname) END, k.entity,"
             " k.key, k.on_error, k.mode, coalesce(c.relkind = 'p', false),"
             " coalesce((SELECT array_agg(t.tgname::text) FROM pg_trigger AS t"
             "  WHERE t.tgrelid = k.relation AND t.tgenabled IN ('O', 'A')), '{}')"
             " FROM " +
             connection.table("captures") +
             " AS k LEFT JOIN pg_class AS c ON c.oid = k.relation"
             " LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace ORDER BY k.entity")) {
      Captured captured{row[0].c_str(), row[1].c_str(), parse_array(row[2]),
                        OnError::Abort, row[4].c_str(), true};
      if (std::string_view(row[3].c_str()) == "skip") captured.on_error = OnError::Skip;
      const Mode mode = captured.mode == "row" ? Mode::Row : Mode::Statement;
      const std::vector<std::string> present = parse_array(row[6]);
      for (const std::string& name : trigger_names(mode, row[5].as<bool>())) {
        captured.enabled &= std::find(present.begin(), present.end(), name) != present.end();
      }
      captures.push_back(std::move(captured));
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
