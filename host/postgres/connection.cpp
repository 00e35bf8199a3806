#include "postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <vector>

#include "postgres/conninfo.hpp"
#include "postgres/errors.hpp"
#include "postgres/quote.hpp"
#include "postgres/session.hpp"

namespace observerd::postgres {
namespace {

constexpr int kOldestServer = 140000;

/// One round trip. Time-outs that somebody set for a role or a database would cut long reads and
/// idle listeners; JIT costs more than it gives on statements as small as ours.
constexpr const char* kSessionSettings =
    "SELECT pg_catalog.set_config(s.name, s.value, false) FROM (VALUES"
    " ('search_path', 'pg_catalog'), ('TimeZone', 'UTC'), ('DateStyle', 'ISO, YMD'),"
    " ('IntervalStyle', 'postgres'), ('standard_conforming_strings', 'on'),"
    " ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('client_min_messages', 'warning'),"
    " ('default_transaction_isolation', 'read committed'), ('statement_timeout', '0'),"
    " ('lock_timeout', '0'), ('idle_in_transaction_session_timeout', '0'),"
    " ('idle_session_timeout', '0'), ('jit', 'off')) AS s (name, value)";

std::string version_text(int version) {
  return std::to_string(version / 10000) + "." + std::to_string(version % 10000);
}

}  // namespace

/// A file descriptor that cancel() makes readable, and the flag that receivers set.
class Connection::Wakeup {
 public:
  Wakeup() : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~Wakeup() {
    if (fd_ >= 0) ::close(fd_);
    if (cancel_ != nullptr) PQfreeCancel(cancel_);
  }
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  /// PQcancel on an object made beforehand is the one libpq call that another thread may make.
  void prepare_cancel(PGconn* connection) { cancel_ = PQgetCancel(connection); }
  void cancel() const noexcept {
    ::eventfd_write(fd_, 1);
    std::array<char, 256> reason{};
    if (cancel_ != nullptr) PQcancel(cancel_, reason.data(), static_cast<int>(reason.size()));
  }

  void listen(pqxx::connection_base& connection, const std::string& channel) {
    receivers_.push_back(std::make_unique<Receiver>(connection, channel, notified_));
  }
  /// Before the session goes: receivers unregister themselves from it.
  void forget_receivers() { receivers_.clear(); }
  bool take_notified() { return std::exchange(notified_, false); }

  /// Until the socket has something to read, cancel() or the time-out; true when cancelled.
  bool wait(int socket, Milliseconds timeout) {
    std::array<pollfd, 2> fds{{{socket, POLLIN, 0}, {fd_, POLLIN, 0}}};
    ::poll(fds.data(), fds.size(),
           static_cast<int>(std::clamp<Milliseconds::rep>(timeout.count(), 0, 1'000'000'000)));
    eventfd_t count = 0;
    return ::eventfd_read(fd_, &count) == 0;
  }

 private:
  class Receiver final : public pqxx::notification_receiver {
   public:
    Receiver(pqxx::connection_base& connection, const std::string& channel, bool& flag)
        : notification_receiver(connection, channel), flag_(flag) {}
    void operator()(const std::string& /*payload*/, int /*backend_pid*/) override { flag_ = true; }

   private:
    bool& flag_;
  };

  int fd_;
  PGcancel* cancel_ = nullptr;
  bool notified_ = false;
  std::vector<std::unique_ptr<Receiver>> receivers_;
};

Connection::Connection() : wakeup_(std::make_unique<Wakeup>()) {}

Connection::~Connection() {
  wakeup_->forget_receivers();
}

Result<std::unique_ptr<Connection>> Connection::open(const Options& options) {
  const Result<Conninfo> conninfo = make_conninfo(options);
  if (!conninfo.ok()) return conninfo.status();
  std::unique_ptr<Connection> connection(new Connection);
  connection->options_ = options;
  connection->quoted_schema_ = quote_identifier(options.schema);
  try {
    connection->session_ = std::make_unique<Session>(conninfo->text);
  } catch (const std::exception& failure) {
    return connect_failure(*conninfo, failure.what());
  }
  connection->wakeup_->prepare_cancel(connection->session_->handle());
  Status status = connection->set_up();
  if (!status.ok()) return status.context("cannot use " + conninfo->target);
  return connection;
}

Status Connection::set_up() {
  const int version = session_->server_version();
  if (version < kOldestServer) {
    return Status::error(Code::Database, "the server is PostgreSQL " + version_text(version) +
                                             ", but version 14 or newer is needed")
        .note("upgrade the server");
  }
  return run([](pqxx::nontransaction& transaction) {
    transaction.exec(kSessionSettings);
    return Status();
  });
}

Status Connection::guarded(const std::function<Status()>& body) {
  if (broken_) {
    return Status::error(Code::Database, "the database connection was lost before")
        .note("SQLSTATE 08003");
  }
  Status status;
  try {
    status = body();
  } catch (...) {
    status = describe_current_exception();
    if (fate_unknown(status)) broken_ = true;
  }
  if (!session_->is_open()) {
    broken_ = true;
    if (!status.ok() && sqlstate(status).empty()) status.note("SQLSTATE 08006");
  }
  return status;
}

Status Connection::transact(const std::function<Status(pqxx::work&)>& work) {
  return guarded([&] {
    pqxx::work transaction(*session_);
    Status status = work(transaction);
    if (status.ok()) {
      transaction.commit();
    } else {
      transaction.abort();
    }
    return status;
  });
}

Status Connection::read(const std::function<Status(pqxx::transaction_base&)>& work) {
  return guarded([&] {
    pqxx::transaction<pqxx::repeatable_read, pqxx::read_only> transaction(*session_);
    Status status = work(transaction);
    if (status.ok()) {
      transaction.commit();
    } else {
      transaction.abort();
    }
    return status;
  });
}

Status Connection::run(const std::function<Status(pqxx::nontransaction&)>& work) {
  return guarded([&] {
    pqxx::nontransaction transaction(*session_);
    Status status = work(transaction);
    transaction.commit();  // does nothing but tell libpqxx that we left on purpose
    return status;
  });
}

Status Connection::listen(const std::string& channel) {
  return guarded([&] {
    wakeup_->listen(*session_, channel);
    return Status();
  });
}

Result<bool> Connection::wait_for_notification(Milliseconds timeout) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + timeout;
  bool notified = false;
  Status status = guarded([&] {
    while (true) {
      session_->get_notifs();
      if (!session_->is_open()) {
        return Status::error(Code::Database, "the database connection was lost");
      }
      notified = wakeup_->take_notified();
      const SteadyTime now = std::chrono::steady_clock::now();
      if (notified || now >= deadline) return Status();
      // Rounded up, or the last millisecond would be spent spinning.
      const auto left = std::chrono::ceil<Milliseconds>(deadline - now);
      if (wakeup_->wait(session_->sock(), left)) return Status();
    }
  });
  if (!status.ok()) return status;
  return notified;
}

std::string Connection::table(std::string_view name) const {
  return quoted_schema_ + "." + quote_identifier(name);
}

pqxx::connection_base& Connection::raw() {
  return *session_;
}

void Connection::cancel() noexcept {
  wakeup_->cancel();
}

}  // namespace observerd::postgres
