#include "postgres/migrations.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <tuple>

namespace observerd::postgres {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTable = "schema_migrations";
/// LISTEN channels are "<schema>_wake" and 63 bytes at most.
constexpr std::size_t kLongestSchema = 58;

std::string sha256(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  constexpr char hex[] = "0123456789abcdef";
  std::string out;
  for (unsigned i = 0; i < size; ++i) {
    out += hex[digest[i] >> 4];
    out += hex[digest[i] & 15];
  }
  return out;
}

std::string padded(int number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

/// "07_name.sql" -> 7; 0 for anything else.
int number_of(const std::string& name) {
  if (name.size() < 8 || name.substr(name.size() - 4) != ".sql" || name[2] != '_') return 0;
  if (name[0] < '0' || name[0] > '9' || name[1] < '0' || name[1] > '9') return 0;
  return (name[0] - '0') * 10 + (name[1] - '0');
}

std::string replace_all(std::string text, std::string_view what, const std::string& with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  return text;
}

/// The name is pasted into SQL texts and function bodies by the migrations, so it must be plain.
Status check_schema_name(const std::string& name) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  if (!name.empty() && name.size() <= kLongestSchema &&
      std::all_of(name.begin(), name.end(), plain) && name.rfind("pg_", 0) != 0) {
    return {};
  }
  return Status::error(Code::Database, "the schema name \"" + name + "\" cannot be used")
      .note("database.schema takes up to 58 letters, digits, '_' and '-', not beginning with pg_");
}

bool schema_exists(pqxx::transaction_base& transaction, const Connection& connection) {
  return !transaction
              .exec_params("SELECT 1 FROM pg_namespace WHERE nspname = $1", connection.schema())
              .empty();
}

bool table_exists(pqxx::transaction_base& transaction, const Connection& connection,
                  const char* name) {
  return !transaction
              .exec_params(
                  "SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace"
                  " WHERE n.nspname = $1 AND c.relname = $2",
                  connection.schema(), name)
              .empty();
}

/// Compares what the database has with what we have; the heart of status, migrate and require.
Result<std::vector<MigrationState>> compare(pqxx::transaction_base& transaction,
                                            const Connection& connection,
                                            const std::vector<Migration>& migrations) {
  std::vector<MigrationState> states;
  for (const Migration& migration : migrations) states.push_back({migration, false, {}});
  if (!table_exists(transaction, connection, kTable)) return states;
  const pqxx::result rows =
      transaction.exec("SELECT number, name, checksum, applied_at::text FROM " +
                       connection.table(kTable) + " ORDER BY number");
  for (const pqxx::row& row : rows) {
    const int number = row[0].as<int>();
    const auto found = std::find_if(states.begin(), states.end(), [&](const MigrationState& state) {
      return state.migration.number == number;
    });
    if (found == states.end()) {
      return Status::error(Code::Database, "the database has migration " +
                                               row[1].as<std::string>() +
                                               ", which this observerd does not know")
          .note("a newer observerd was here: install that version, or a newer one");
    }
    if (found->migration.checksum != row[2].as<std::string>()) {
      return Status::error(Code::Database, "migration " + found->migration.name +
                                               " has changed since it was applied")
          .note("put the file back as it was; a change of the schema is a migration of its own");
    }
    found->applied = true;
    found->applied_at = row[3].as<std::string>();
  }
  bool pending = false;
  for (const MigrationState& state : states) {
    if (state.applied && pending) {
      return Status::error(Code::Database, "migration " + state.migration.name +
                                               " is applied, but one before it is not")
          .note("the table " + connection.table(kTable) +
                " was changed by hand: put the missing rows back");
    }
    pending |= !state.applied;
  }
  return states;
}

/// The number of shards is baked into functions and rows: it is what it was the first time.
Status check_shards(pqxx::transaction_base& transaction, const Connection& connection, int shards) {
  if (!table_exists(transaction, connection, "installation")) return {};
  const pqxx::result rows =
      transaction.exec("SELECT shards FROM " + connection.table("installation"));
  if (rows.empty() || rows[0][0].as<int>() == shards) return {};
  return Status::error(Code::Database, "the database was migrated with " +
                                           rows[0][0].as<std::string>() + " shards, not " +
                                           std::to_string(shards))
      .note("set database.shards to " + rows[0][0].as<std::string>());
}

Status bootstrap(Connection& connection) {
  return connection.transact([&](pqxx::work& transaction) {
    // Not IF NOT EXISTS alone: that asks for the right to create schemas even when there is one.
    if (!schema_exists(transaction, connection)) {
      transaction.exec("CREATE SCHEMA " + connection.quoted_schema());
    }
    if (!table_exists(transaction, connection, kTable)) {
      transaction.exec("CREATE TABLE " + connection.table(kTable) +
                       " (number int PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
                       " applied_at timestamptz NOT NULL DEFAULT clock_timestamp())");
      transaction.exec("COMMENT ON TABLE " + connection.table(kTable) +
                       " IS 'Which migrations observerd has applied, and their SHA-256.'");
    }
    return Status();
  });
}

Status apply(Connection& connection, const Migration& migration, int shards) {
  const std::string sql = migration_sql(migration, connection, shards);
  Status status = connection.transact([&](pqxx::work& transaction) {
    transaction.exec(sql);
    transaction.exec_params(
        "INSERT INTO " + connection.table(kTable) + " (number, name, checksum) VALUES ($1, $2, $3)",
        migration.number, migration.name, migration.checksum);
    return Status();
  });
  if (!status.ok()) status.context("migration " + migration.name + " was not applied");
  return status;
}

Result<std::vector<int>> apply_pending(Connection& connection,
                                       const std::vector<Migration>& migrations, int shards) {
  // Everything is checked before anything is made, so that an error leaves the database as it was.
  const Result<std::vector<MigrationState>> states = migration_status(connection, migrations);
  if (!states.ok()) return states.status();
  Status fitting = connection.read([&](pqxx::transaction_base& transaction) {
    return check_shards(transaction, connection, shards);
  });
  if (!fitting.ok()) return fitting;
  std::vector<int> applied;
  for (const MigrationState& state : *states) {
    if (state.applied) continue;
    Status status = applied.empty() ? bootstrap(connection) : Status();
    if (status.ok()) status = apply(connection, state.migration, shards);
    if (!status.ok()) return status;
    applied.push_back(state.migration.number);
  }
  return applied;
}

}  // namespace

std::string migration_sql(const Migration& migration, const Connection& connection, int shards) {
  return replace_all(replace_all(migration.sql, "${schema}", connection.quoted_schema()),
                     "${shards}", std::to_string(shards));
}

Result<std::vector<Migration>> read_migrations(const fs::path& directory) {
  std::vector<Migration> migrations;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    Migration migration;
    migration.name = it->path().filename().string();
    if (it->path().extension() != ".sql") continue;
    migration.number = number_of(migration.name);
    if (migration.number == 0) {
      return Status::error(Code::Database, "the migration file " + it->path().string() +
                                               " is not named NN_name.sql, NN from 01");
    }
    std::ifstream file(it->path(), std::ios::binary);
    migration.sql.assign(std::istreambuf_iterator<char>(file), {});
    if (!file.good() && !file.eof()) {
      return Status::error(Code::Database, "cannot read the migration " + it->path().string());
    }
    migration.checksum = sha256(migration.sql);
    migrations.push_back(std::move(migration));
  }
  if (error) {
    return Status::error(Code::Database, "cannot read the migrations in " + directory.string() +
                                             ": " + error.message());
  }
  std::sort(migrations.begin(), migrations.end(), [](const Migration& a, const Migration& b) {
    return std::tie(a.number, a.name) < std::tie(b.number, b.name);
  });
  for (std::size_t i = 0; i < migrations.size(); ++i) {
    const int expected = static_cast<int>(i) + 1;
    if (migrations[i].number == expected) continue;
    return Status::error(Code::Database,
                         (migrations[i].number < expected
                              ? "two migrations have the number " + padded(migrations[i].number)
                              : "migration " + padded(expected) + " is missing") +
                             " in " + directory.string());
  }
  if (migrations.empty()) {
    return Status::error(Code::Database, "there are no migrations in " + directory.string());
  }
  return migrations;
}

Result<std::vector<MigrationState>> migration_status(Connection& connection,
                                                     const std::vector<Migration>& migrations) {
  std::vector<MigrationState> states;
  Status status = connection.read([&](pqxx::transaction_base& transaction) {
    Result<std::vector<MigrationState>> found = compare(transaction, connection, migrations);
    if (!found.ok()) return found.status();
    states = std::move(*found);
    return Status();
  });
  if (!status.ok()) return status;
  return states;
}

Result<std::vector<int>> migrate(Connection& connection, const std::vector<Migration>& migrations,
                                 int shards) {
  if (shards < 1 || shards > 1024) {
    return Status::error(Code::Database, "the number of shards must be between 1 and 1024, not " +
                                             std::to_string(shards));
  }
  Status status = check_schema_name(connection.schema());
  if (!status.ok()) return status;
  // The session's, not a transaction's: it covers all migrations, and goes with the connection.
  const auto lock = [&](const char* function) {
    return connection.run([&](pqxx::nontransaction& transaction) {
      transaction.exec_params(std::string("SELECT ") + function +
                                  "(hashtextextended('observerd migrations of ' || $1, 0))",
                              connection.schema());
      return Status();
    });
  };
  status = lock("pg_advisory_lock");
  if (!status.ok()) return status;
  Result<std::vector<int>> applied = apply_pending(connection, migrations, shards);
  if (!connection.broken()) status = lock("pg_advisory_unlock");
  if (applied.ok() && !status.ok()) return status;
  return applied;
}

Status require_migrated(Connection& connection, const std::vector<Migration>& migrations) {
  const Result<std::vector<MigrationState>> states = migration_status(connection, migrations);
  if (!states.ok()) return states.status();
  for (const MigrationState& state : *states) {
    if (state.applied) continue;
    return Status::error(Code::Database, "the database lacks migration " + state.migration.name)
        .note("run `observerd migrate`");
  }
  return {};
}

}  // namespace observerd::postgres
