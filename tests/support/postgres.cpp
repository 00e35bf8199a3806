#include "support/postgres.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <pqxx/pqxx>
#include <stdexcept>

#include "base/uuid.hpp"

namespace observerd::testing {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTemplate = "observerd_template";

[[noreturn]] void fail(const Status& status) {
  throw std::runtime_error(status.to_string());
}

template <typename T>
T expect(Result<T> result) {
  if (!result.ok()) fail(result.status());
  return std::move(result).value();
}

void expect(const Status& status) {
  if (!status.ok()) fail(status);
}

/// Held while the cached cluster is made (exclusive) or copied (shared).
class FileLock {
 public:
  FileLock(const fs::path& path, int kind)
      : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (fd_ < 0 || ::flock(fd_, kind) != 0)
      throw std::runtime_error("cannot lock " + path.string());
  }
  ~FileLock() { ::close(fd_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_;
};

/// Changes with whatever the content of the cluster depends on.
std::string cache_key() {
  const fs::path server = expect(postgres::find_server_binaries()) / "postgres";
  std::string text =
      server.string() + std::to_string(fs::last_write_time(server).time_since_epoch().count());
  for (const postgres::Migration& migration : all_migrations()) text += migration.checksum;
  return Uuid::v5(Uuid{}, text).to_string();
}

void make_cluster(const fs::path& cluster) {
  postgres::PrivateServerOptions options;
  options.keep = true;
  const std::unique_ptr<postgres::PrivateServer> server =
      expect(postgres::PrivateServer::create(options));
  run_sql(server->url(), std::string("CREATE DATABASE ") + kTemplate);
  expect(postgres::migrate(*connect(server->url(kTemplate)), all_migrations(), 4));
  expect(server->stop());
  fs::create_directories(cluster.parent_path());
  const fs::path unfinished = cluster.string() + ".new";
  fs::remove_all(unfinished);
  fs::copy(server->data_directory(), unfinished, fs::copy_options::recursive);
  fs::rename(unfinished, cluster);
  fs::remove_all(server->directory());
}

/// Memory, when there is plenty of it: copying and removing a cluster there takes a quarter of the
/// time. Empty otherwise (containers have 64 MB), for the usual place.
fs::path fast_parent() {
  std::error_code error;
  const fs::path memory = "/dev/shm";
  const fs::space_info space = fs::space(memory, error);
  constexpr std::uintmax_t kPlenty = std::uintmax_t{2} << 30;
  if (error || space.available < kPlenty || ::access(memory.c_str(), W_OK) != 0) return {};
  return memory;
}

std::unique_ptr<postgres::PrivateServer> start_server(postgres::PrivateServerOptions options) {
  const fs::path cache =
      fs::path(OBSERVERD_BUILD_DIR) / ("postgres-cache-" + std::to_string(::geteuid()));
  const fs::path cluster = cache / cache_key();
  fs::create_directories(cache);
  if (!fs::exists(cluster)) {
    const FileLock lock(cache / "lock", LOCK_EX);
    if (!fs::exists(cluster)) {
      for (const fs::directory_entry& old : fs::directory_iterator(cache)) {
        if (old.is_directory()) fs::remove_all(old);
      }
      make_cluster(cluster);
    }
  }
  const FileLock lock(cache / "lock", LOCK_SH);
  options.cluster = cluster;
  if (options.parent.empty() && !options.durable) options.parent = fast_parent();
  return expect(postgres::PrivateServer::create(options));
}

std::string new_database(const postgres::PrivateServer& server, const std::string& from) {
  static int count = 0;
  const std::string name = "t" + std::to_string(++count);
  run_sql(server.url(), "CREATE DATABASE " + name + " TEMPLATE " + from);
  return server.url(name);
}

}  // namespace

postgres::PrivateServer& shared_server() {
  static const std::unique_ptr<postgres::PrivateServer> server = start_server({});
  return *server;
}

std::unique_ptr<postgres::PrivateServer> new_server(postgres::PrivateServerOptions options) {
  return start_server(std::move(options));
}

std::string fresh_database() {
  return fresh_database(shared_server());
}

std::string fresh_database(const postgres::PrivateServer& server) {
  return new_database(server, kTemplate);
}

std::string empty_database() {
  return new_database(shared_server(), "template1");
}

std::vector<postgres::Migration> all_migrations() {
  return expect(postgres::read_migrations(fs::path(OBSERVERD_SOURCE_DIR) / "migrations"));
}

std::unique_ptr<postgres::Connection> connect(const std::string& url, const std::string& schema) {
  postgres::Options options;
  options.url = url;
  options.schema = schema;
  return expect(postgres::Connection::open(options));
}

Rows run_sql(const std::string& url, const std::string& sql) {
  pqxx::connection connection(url);
  const pqxx::quiet_errorhandler quiet(connection);
  return run_sql(connection, sql);
}

Rows run_sql(pqxx::connection_base& connection, const std::string& sql) {
  pqxx::nontransaction transaction(connection);
  const pqxx::result result = transaction.exec(sql);
  Rows rows;
  for (const pqxx::row& row : result) {
    std::vector<std::string>& cells = rows.emplace_back();
    for (const pqxx::field& field : row)
      cells.emplace_back(field.is_null() ? "NULL" : field.c_str());
  }
  return rows;
}

std::string scalar(const std::string& url, const std::string& sql) {
  const Rows rows = run_sql(url, sql);
  return rows.empty() || rows.front().empty() ? "" : rows.front().front();
}

}  // namespace observerd::testing
