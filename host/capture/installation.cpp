#include "capture/installation.hpp"

#include <algorithm>
#include <map>

#include "base/uuid.hpp"
#include "capture/trigger_sql.hpp"
#include "postgres/quote.hpp"

namespace observerd::capture {
namespace {

using postgres::Connection;

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

bool holds_all(const std::vector<std::string>& all, const std::vector<std::string>& some) {
  return std::all_of(some.begin(), some.end(), [&](const std::string& name) {
    return std::find(all.begin(), all.end(), name) != all.end();
  });
}

/// The shares of every pushed-down entity, in the order that pushdown() gives.
std::map<std::string, std::vector<Share>> read_shares(pqxx::transaction_base& transaction,
                                                      const Connection& connection) {
  std::map<std::string, std::vector<Share>> shares;
  for (const pqxx::row& row : transaction.exec(
           "SELECT entity, kind, observer, condition, predicate FROM " +
           connection.table("capture_predicates") +
           " ORDER BY entity, array_position('{insert,update,delete}', kind), place")) {
    shares[row[0].c_str()].push_back(
        {*parse_kind(row[1].c_str()), row[2].c_str(), row[3].c_str(), row[4].c_str()});
  }
  return shares;
}

/// SQL: a fingerprint of our triggers on a table, as the catalog shows them. A condition follows
/// its column when that is renamed, while observers mean the name.
std::string fingerprint(const std::string& table) {
  return "coalesce((SELECT md5(string_agg(pg_get_triggerdef(t.oid), E'\n' ORDER BY t.tgname))"
         " FROM pg_trigger AS t WHERE t.tgrelid = " +
         table + " AND t.tgname LIKE '!observerd\\_%'), '')";
}

void write_down(pqxx::work& transaction, const Connection& connection, const Wanted& wanted,
                const Installation& plan) {
  const Captured& captured = plan.captured;
  transaction.exec_params(
      "INSERT INTO " + connection.table("captures") +
          " (relation, table_name, entity, key, on_error, mode, capture_unchanged, pushed,"
          " triggers, definition, installed)"
          " VALUES ($1::oid, $2, $3, $4::text[], $5, $6, $7, $8, $9::text[], $10, " +
          fingerprint("$1::oid") + ")",
      wanted.oid, captured.table, captured.entity, text_array(captured.key),
      captured.on_error == OnError::Abort ? "abort" : "skip", captured.mode,
      wanted.options.capture_unchanged, captured.pushdown.pushed, text_array(plan.triggers),
      plan.definition);
  if (!captured.pushdown.pushed) return;
  int place = 0;
  for (const Share& share : captured.pushdown.shares) {
    transaction.exec_params("INSERT INTO " + connection.table("capture_predicates") +
                                " (entity, kind, place, observer, condition, predicate)"
                                " VALUES ($1, $2, $3, $4, $5, $6)",
                            captured.entity, std::string(kind_name(share.kind)), ++place,
                            share.observer, share.condition, share.predicate);
  }
}

}  // namespace

Status check_migrated(pqxx::transaction_base& transaction, const Connection& connection) {
  const pqxx::row row =
      transaction.exec_params1("SELECT to_regclass($1)", connection.table("capture_predicates"));
  if (!row[0].is_null()) return {};
  return Status::error(Code::Database, "schema " + connection.quoted_schema() +
                                           " has no capture tables of this version")
      .note("run `observerd migrate`");
}

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

std::vector<Installed> read_installed(pqxx::transaction_base& transaction,
                                      const Connection& connection) {
  auto shares = read_shares(transaction, connection);
  std::vector<Installed> out;
  for (const pqxx::row& row : transaction.exec(
           "SELECT k.relation::oid, c.oid IS NOT NULL,"
           " CASE WHEN c.oid IS NULL THEN k.table_name"
           "  ELSE format('%I.%I', n.nspname, c.relname) END,"
           " k.entity, k.key, k.on_error, k.mode, k.capture_unchanged, k.pushed, k.definition,"
           " k.triggers, coalesce(c.relkind = 'p', false),"
           " coalesce((SELECT array_agg(t.tgname::text) FROM pg_trigger AS t"
           "  WHERE t.tgrelid = k.relation AND t.tgenabled IN ('O', 'A')), '{}'),"
           " k.installed IN ('', " +
           fingerprint("k.relation") + ") FROM " + connection.table("captures") +
           " AS k LEFT JOIN pg_class AS c ON c.oid = k.relation"
           " LEFT JOIN pg_namespace AS n ON n.oid = c.relnamespace ORDER BY k.entity")) {
    Installed installed;
    installed.oid = row[0].as<unsigned>();
    installed.exists = row[1].as<bool>();
    Captured& captured = installed.captured;
    captured.table = row[2].c_str();
    captured.entity = row[3].c_str();
    captured.key = parse_array(row[4]);
    if (std::string_view(row[5].c_str()) == "skip") captured.on_error = OnError::Skip;
    captured.mode = row[6].c_str();
    installed.capture_unchanged = row[7].as<bool>();
    captured.pushdown.pushed = row[8].as<bool>();
    if (captured.pushdown.pushed) captured.pushdown.shares = std::move(shares[captured.entity]);
    installed.definition = row[9].c_str();
    std::vector<std::string> names = parse_array(row[10]);
    if (installed.definition.empty()) {
      names = unrecorded_trigger_names(captured.mode == "row" ? Mode::Row : Mode::Statement,
                                       row[11].as<bool>());
    }
    captured.enabled = installed.exists && holds_all(parse_array(row[12]), names);
    installed.untouched = installed.exists && row[13].as<bool>();
    out.push_back(std::move(installed));
  }
  return out;
}

Result<Installation> plan_installation(pqxx::transaction_base& transaction,
                                       const Connection& connection, const Wanted& wanted) {
  const AddOptions& options = wanted.options;
  const Result<TableFacts> facts = inspect_table(transaction, connection, wanted.oid, options.key);
  if (!facts.ok()) return facts.status();
  Pushdown pushdown = wanted.pushdown;
  if (facts->partitioned && pushdown.pushed) {
    pushdown.pushed = false;
    pushdown.why_not = "rows of a partitioned table can move";
  }

  TriggerPlan plan;
  plan.schema = connection.quoted_schema();
  plan.function = postgres::quote_identifier(function_name(options.entity));
  plan.entity = options.entity;
  plan.mode = choose_mode(*facts, pushdown);
  plan.on_error = options.on_error;
  plan.capture_unchanged = options.capture_unchanged;
  plan.facts = &*facts;
  plan.pushdown = &pushdown;

  Installation out;
  out.captured.table = facts->name;
  out.captured.entity = options.entity;
  out.captured.key = facts->key;
  out.captured.on_error = options.on_error;
  out.captured.mode = mode_name(plan.mode);
  out.statements.push_back(create_function(plan));
  for (Trigger& trigger : create_triggers(plan)) {
    if (trigger.table == facts->name) out.triggers.push_back(trigger.name);
    out.statements.push_back(std::move(trigger.sql));
  }
  std::string text;
  for (const std::string& statement : out.statements) text += statement + '\n';
  out.definition = Uuid::v5(Uuid{}, text).to_string();
  out.captured.pushdown = std::move(pushdown);
  return out;
}

Result<Captured> install(pqxx::work& transaction, const Connection& connection,
                         const Wanted& wanted) {
  const pqxx::result before = transaction.exec_params(
      "SELECT entity FROM " + connection.table("captures") + " WHERE relation = $1::oid",
      wanted.oid);
  // First: what the table looks like must not be judged by our own triggers.
  if (!before.empty()) uninstall(transaction, connection, before[0][0].c_str());
  const Result<Installation> plan = plan_installation(transaction, connection, wanted);
  if (!plan.ok()) return plan.status();
  for (const std::string& statement : plan->statements) transaction.exec(statement);
  write_down(transaction, connection, wanted, *plan);
  return plan->captured;
}

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

}  // namespace observerd::capture
