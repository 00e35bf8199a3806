#include "source/coordinator.hpp"

#include "source/locks.hpp"
#include "source/reader_session.hpp"

namespace observerd::source {

Coordinator::Coordinator(const Options& options, std::uint32_t seed)
    : options_(options),
      maintenance_({options.segment_bytes, options.segment_age}, seed),
      backoff_(seed) {}

Coordinator::~Coordinator() {
  stop();
}

void Coordinator::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Coordinator::stop() {
  interrupt_.release();
  if (thread_.joinable()) thread_.join();
}

OutboxState Coordinator::outbox() const {
  const std::lock_guard lock(mutex_);
  return outbox_;
}

void Coordinator::run() {
  while (!interrupt_.stopping()) {
    const Status status = connected();
    {
      const std::lock_guard lock(mutex_);
      outbox_.problem = status.message();
    }
    if (!status.ok() && !interrupt_.stopping()) interrupt_.wait(-1, backoff_.next());
  }
}

Status Coordinator::connected() {
  auto connection = postgres::Connection::open(options_.database);
  if (!connection.ok()) return connection.status();
  Status status = pin_session(**connection);
  if (!status.ok()) return status;
  prepare_locks(**connection);
  while (!interrupt_.stopping()) {
    Result<OutboxState> state = maintenance_.round(**connection);
    if (!state.ok()) return state.status();
    backoff_.reset();
    {
      const std::lock_guard lock(mutex_);
      outbox_ = *std::move(state);
    }
    interrupt_.wait((*connection)->raw().sock(), options_.maintenance_interval);
    status = (*connection)->wait_for_notification(Milliseconds(0)).status();
    if (!status.ok()) return status;
  }
  return status;
}

}  // namespace observerd::source
