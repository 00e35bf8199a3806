#include "postgres/private_server.hpp"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "postgres/server_files.hpp"

namespace observerd::postgres {
namespace fs = std::filesystem;
namespace {

constexpr std::chrono::seconds kStartTimeout{60};

std::string percent_encode(const std::string& text) {
  std::string out;
  for (const unsigned char c : text) {
    if (std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '~') {
      out += static_cast<char>(c);
    } else {
      char escaped[4];
      std::snprintf(escaped, sizeof escaped, "%%%02X", c);
      out += escaped;
    }
  }
  return out;
}

bool has_server(const fs::path& directory) {
  return ::access((directory / "postgres").c_str(), X_OK) == 0 &&
         ::access((directory / "initdb").c_str(), X_OK) == 0;
}

std::string pg_config_bindir() {
  std::string out;
  if (FILE* pipe = ::popen("pg_config --bindir 2>/dev/null", "re")) {
    char buffer[512];
    while (std::fgets(buffer, sizeof buffer, pipe) != nullptr) out += buffer;
    ::pclose(pipe);
  }
  while (!out.empty() && out.back() == '\n') out.pop_back();
  return out;
}

/// A port that is free now. Another process may take it before the server does; the server then
/// does not start, and says so.
int free_port() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(fd);
  return bound ? ntohs(address.sin_port) : 0;
}

/// Socket paths end at 107 bytes; a deep TMPDIR would not leave room for ours.
fs::path default_parent() {
  std::error_code error;
  const fs::path temporary = fs::temp_directory_path(error);
  return error || temporary.string().size() > 60 ? fs::path("/tmp") : temporary;
}

}  // namespace

Result<fs::path> find_server_binaries() {
  // What is installed for good first: asking pg_config means starting a shell.
  fs::path best;
  int best_version = 0;
  std::error_code error;
  for (fs::directory_iterator it("/usr/lib/postgresql", error), end; !error && it != end;
       it.increment(error)) {
    const int version = std::atoi(it->path().filename().c_str());
    if (version > best_version && has_server(it->path() / "bin")) {
      best = it->path() / "bin";
      best_version = version;
    }
  }
  if (!best.empty()) return best;
  const fs::path configured = pg_config_bindir();
  if (!configured.empty() && has_server(configured)) return configured;
  const char* variable = std::getenv("PATH");
  std::string rest = variable != nullptr ? variable : "";
  while (!rest.empty()) {
    const std::size_t colon = std::min(rest.find(':'), rest.size());
    const fs::path directory = rest.substr(0, colon);
    if (has_server(directory)) return directory;
    rest.erase(0, colon + 1);
  }
  return Status::error(Code::Database, "no PostgreSQL server is installed on this machine")
      .note("install it: apt-get install postgresql, or dnf install postgresql-server");
}

Result<std::unique_ptr<PrivateServer>> PrivateServer::create(const PrivateServerOptions& options) {
  const Result<fs::path> binaries = find_server_binaries();
  if (!binaries.ok()) return binaries.status();
  const Result<Account> account = Account::for_server();
  if (!account.ok()) return account.status();
  std::unique_ptr<PrivateServer> server(new PrivateServer);
  server->options_ = options;
  server->binaries_ = *binaries;
  server->account_ = *account;
  for (const auto step : {&PrivateServer::make_directory, &PrivateServer::make_cluster,
                          &PrivateServer::write_settings, &PrivateServer::start}) {
    Status status = (server.get()->*step)();
    if (!status.ok()) return status.context("cannot make a private PostgreSQL server");
  }
  return server;
}

Status PrivateServer::make_directory() {
  const fs::path parent = options_.parent.empty() ? default_parent() : options_.parent;
  sweep_server_directories(parent);
  Result<fs::path> made = make_server_directory(parent, account_, owner_lock_);
  if (!made.ok()) return made.status();
  directory_ = *made;
  return {};
}

Status PrivateServer::make_cluster() {
  if (!options_.cluster.empty()) return copy_cluster(options_.cluster, data_directory(), account_);
  return run_program({{(binaries_ / "initdb").string(), "--pgdata=" + data_directory().string(),
                       "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C",
                       "--no-sync", "--no-instructions", "--wal-segsize=1"},
                      directory_,
                      log_file(),
                      account_});
}

Status PrivateServer::write_settings() {
  if (options_.tcp) port_ = free_port();
  std::ofstream file(data_directory() / "postgresql.auto.conf", std::ios::trunc);
  file << "unix_socket_directories = '" << directory_.string() << "'\n"
       << "listen_addresses = '" << (options_.tcp ? "127.0.0.1" : "") << "'\n"
       << "port = " << port_ << "\n"
       << "max_connections = 200\n"
       << "max_prepared_transactions = 20\n"
       // See the function wake: with prepared transactions possible we have to say that we may.
       << "observer.notify = 'on'\n"
       << "shared_buffers = 32MB\n"
       << "max_wal_size = 256MB\n"
       << "lc_messages = 'C'\n";
  if (options_.durable) {
    // One call, where the default after a crash is an fsync of every file.
    file << "recovery_init_sync_method = syncfs\n";
  } else {
    file << "fsync = off\nfull_page_writes = off\nwal_level = minimal\nmax_wal_senders = 0\n";
  }
  for (const std::string& line : options_.settings) file << line << '\n';
  file.close();
  if (!file) {
    return Status::error(Code::Database,
                         "cannot write " + (data_directory() / "postgresql.auto.conf").string());
  }
  return {};
}

Status PrivateServer::start() {
  if (running()) return {};
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  while (true) {
    postmaster_.reset();
    Result<ChildProcess> child =
        ChildProcess::start({{(binaries_ / "postgres").string(), "-D", data_directory().string()},
                             directory_,
                             log_file(),
                             account_});
    if (!child.ok()) return child.status();
    postmaster_.emplace(std::move(*child));
    Status status = wait_until_ready();
    if (status.ok() || std::chrono::steady_clock::now() > deadline) return status;
    // After kill() the processes of the last postmaster hold its shared memory until they notice.
    const std::vector<std::string> tail = log_tail(log_file(), 3);
    bool in_use = false;
    for (const std::string& line : tail) {
      in_use |= line.find("shared memory block") != std::string::npos;
    }
    if (!in_use) return status;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
}

Status PrivateServer::wait_until_ready() {
  const auto deadline = std::chrono::steady_clock::now() + kStartTimeout;
  const std::string where = url();
  while (postmaster_->running()) {
    if (PQping(where.c_str()) == PQPING_OK) return {};
    if (std::chrono::steady_clock::now() > deadline) {
      postmaster_->signal(SIGQUIT);
      break;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
  }
  postmaster_->wait();
  Status status = Status::error(Code::Database, "PostgreSQL did not start");
  for (std::string& line : log_tail(log_file())) status.note(std::move(line));
  return status;
}

Status PrivateServer::stop(Stop how) {
  if (!postmaster_) return {};
  postmaster_->signal(how == Stop::Fast ? SIGINT : SIGQUIT);
  postmaster_->wait();
  postmaster_.reset();
  return {};
}

Status PrivateServer::restart(Stop how) {
  Status status = stop(how);
  return status.ok() ? start() : status;
}

Status PrivateServer::kill() {
  if (!postmaster_) return {};
  postmaster_->signal(SIGKILL);
  postmaster_->wait();
  postmaster_.reset();
  return {};
}

PrivateServer::~PrivateServer() {
  if (postmaster_) {
    // Nobody needs the shutdown checkpoint of data that is about to be removed.
    postmaster_->signal(options_.keep ? SIGINT : SIGQUIT);
    postmaster_->wait();
  }
  if (!options_.keep && !directory_.empty()) remove_server_directory(directory_);
  if (owner_lock_ >= 0) ::close(owner_lock_);
}

std::string PrivateServer::url(const std::string& database, const std::string& user) const {
  return "postgresql://" + percent_encode(user) + "@/" + percent_encode(database) +
         "?host=" + percent_encode(directory_.string()) + "&port=" + std::to_string(port_);
}

std::string PrivateServer::tcp_url(const std::string& database, const std::string& user) const {
  return "postgresql://" + percent_encode(user) + "@127.0.0.1:" + std::to_string(port_) + "/" +
         percent_encode(database);
}

}  // namespace observerd::postgres
