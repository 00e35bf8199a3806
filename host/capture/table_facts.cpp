#include "capture/table_facts.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace observerd::capture {
namespace {

Status refuse(const std::string& what) {
  return Status::error(Code::Database, what);
}

std::vector<std::string> texts(const pqxx::result& rows) {
  std::vector<std::string> out;
  for (const pqxx::row& row : rows) out.emplace_back(row[0].c_str());
  return out;
}

/// Why a relation of that kind cannot be captured, and what to do; empty for tables.
std::pair<const char*, const char*> refusal_of_kind(char kind) {
  switch (kind) {
    case 'r':
    case 'p':
      return {nullptr, nullptr};
    case 'v':
      return {"is a view", "capture the tables that it reads"};
    case 'm':
      return {"is a materialized view", "capture the tables that it reads"};
    case 'f':
      return {"is a foreign table", "capture it in the database where its rows are"};
    default:
      return {"is not a table", "name a table"};
  }
}

Status check_kind(const pqxx::row& row, const postgres::Connection& connection,
                  const std::string& name) {
  const auto [what, advice] = refusal_of_kind(row["relkind"].c_str()[0]);
  if (what != nullptr) return refuse(name + " " + what + " and cannot be captured").note(advice);
  const std::string schema = row["nspname"].c_str();
  if (schema == connection.schema()) {
    return refuse(name + " belongs to observerd itself and cannot be captured")
        .note("events about events would never end");
  }
  if (schema == "pg_catalog" || schema == "information_schema" || schema == "pg_toast") {
    return refuse(name + " belongs to PostgreSQL itself and cannot be captured");
  }
  if (row["relpersistence"].c_str()[0] == 't') {
    return refuse(name + " is a temporary table and cannot be captured")
        .note("it ends with its session; capture a permanent table");
  }
  return {};
}

Status check_privileges(pqxx::transaction_base& transaction, const postgres::Connection& connection,
                        const TableFacts& facts) {
  const pqxx::row row = transaction.exec_params1(
      "SELECT has_table_privilege($1::oid, 'TRIGGER'), has_schema_privilege($2, 'CREATE'),"
      " current_user",
      facts.oid, connection.schema());
  const std::string user = row[2].c_str();
  if (!row[0].as<bool>()) {
    return refuse("the role " + user + " may not create triggers on " + facts.name)
        .note("as " + facts.owner + ": GRANT TRIGGER ON " + facts.name + " TO " + user);
  }
  if (!row[1].as<bool>()) {
    return refuse("the role " + user + " may not create functions in schema " +
                  connection.quoted_schema())
        .note("run this as the role that ran `observerd migrate`");
  }
  return {};
}

/// A statement on a parent would be captured twice if both were.
Status check_relatives(pqxx::transaction_base& transaction, const postgres::Connection& connection,
                       const TableFacts& facts) {
  const pqxx::result rows =
      transaction.exec_params("SELECT c.relation::text FROM " + connection.table("captures") +
                                  " AS c WHERE c.relation <> $1::oid AND c.relation IN"
                                  " (SELECT relid FROM pg_partition_tree($1::oid)"
                                  "  UNION ALL SELECT relid FROM pg_partition_ancestors($1::oid))",
                              facts.oid);
  if (rows.empty()) return {};
  const std::string relative = rows[0][0].c_str();
  return refuse(facts.name + " shares rows with " + relative + ", which is captured already")
      .note("every change would be captured twice: drop the capture of " + relative + " first");
}

Status find_key(pqxx::transaction_base& transaction, const std::vector<std::string>& wanted,
                TableFacts& facts) {
  if (wanted.empty()) {
    facts.key = texts(transaction.exec_params(
        "SELECT a.attname FROM pg_index AS i"
        " CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)"
        " JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.attnum"
        " WHERE i.indrelid = $1::oid AND i.indisprimary AND k.place <= i.indnkeyatts"
        " ORDER BY k.place",
        facts.oid));
    if (!facts.key.empty()) return {};
    return refuse(facts.name + " has no primary key")
        .note("give it one, or say which columns identify a row: --key COLUMN[,COLUMN…]");
  }
  const pqxx::result rows = transaction.exec_params(
      "SELECT attname, attnotnull FROM pg_attribute"
      " WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped",
      facts.oid);
  for (const std::string& column : wanted) {
    const auto found = std::find_if(rows.begin(), rows.end(),
                                    [&](const pqxx::row& row) { return column == row[0].c_str(); });
    if (found == rows.end()) {
      return refuse(facts.name + " has no column \"" + column + "\"" +
                    did_you_mean(column, texts(rows)));
    }
    if (!found[1].as<bool>()) {
      return refuse("column \"" + column + "\" of " + facts.name +
                    " may be null and cannot be a key")
          .note("choose other columns, or declare it NOT NULL");
    }
    if (std::count(wanted.begin(), wanted.end(), column) > 1) {
      return refuse("the key of " + facts.name + " names column \"" + column + "\" twice");
    }
  }
  facts.key = wanted;
  return {};
}

}  // namespace

Result<unsigned> resolve_table(pqxx::transaction_base& transaction, const std::string& table) {
  // As the user's psql would find it, not as our own sessions, which see pg_catalog only.
  transaction.exec("SET LOCAL search_path TO DEFAULT");
  const pqxx::row row = transaction.exec_params1("SELECT to_regclass($1)::oid", table);
  const pqxx::result known = transaction.exec(
      "SELECT format('%I.%I', n.nspname, c.relname), c.relname FROM pg_class AS c"
      " JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p')"
      " AND n.nspname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1 LIMIT 10000");
  transaction.exec("SET LOCAL search_path TO pg_catalog");
  if (!row[0].is_null()) return row[0].as<unsigned>();
  std::vector<std::string> candidates = texts(known);
  if (table.find('.') == std::string::npos) {
    candidates.clear();
    for (const pqxx::row& name : known) candidates.emplace_back(name[1].c_str());
  }
  return refuse("there is no table " + table + did_you_mean(table, candidates))
      .note("write SCHEMA.TABLE, with double quotes where SQL needs them");
}

Result<TableFacts> inspect_table(pqxx::transaction_base& transaction,
                                 const postgres::Connection& connection, unsigned oid,
                                 const std::vector<std::string>& key) {
  const pqxx::row row = transaction.exec_params1(
      "SELECT format('%I.%I', n.nspname, c.relname) AS name, n.nspname, c.relkind,"
      " c.relpersistence, c.relowner::regrole::text AS owner,"
      " EXISTS (SELECT FROM pg_inherits AS i WHERE c.oid IN (i.inhrelid, i.inhparent)) AS inherits,"
      " EXISTS (SELECT FROM pg_trigger AS t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal"
      // Bits of tgtype: 1 for each row, 2 before, 64 instead of.
      "   AND t.tgtype & 1 = 1 AND t.tgtype & 66 = 0 AND t.tgname NOT LIKE '!observerd\\_%')"
      "   AS row_triggers"
      " FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE c.oid = $1::oid",
      oid);
  TableFacts facts;
  facts.oid = oid;
  facts.name = row["name"].c_str();
  facts.owner = row["owner"].c_str();
  facts.partitioned = row["relkind"].c_str()[0] == 'p';
  facts.inherits = row["inherits"].as<bool>();
  facts.row_triggers = row["row_triggers"].as<bool>();
  Status status = check_kind(row, connection, facts.name);
  if (status.ok()) status = check_privileges(transaction, connection, facts);
  if (status.ok()) status = check_relatives(transaction, connection, facts);
  if (status.ok()) status = find_key(transaction, key, facts);
  if (!status.ok()) return status;
  if (facts.partitioned) {
    for (const pqxx::row& part : transaction.exec_params(
             "SELECT format('%I.%I', n.nspname, c.relname), c.relkind = 'p'"
             " FROM pg_partition_tree($1::oid) AS t JOIN pg_class AS c ON c.oid = t.relid"
             " JOIN pg_namespace AS n ON n.oid = c.relnamespace ORDER BY t.level, 1",
             oid)) {
      facts.parts.push_back({part[0].c_str(), part[1].as<bool>()});
    }
  }
  return facts;
}

}  // namespace observerd::capture
