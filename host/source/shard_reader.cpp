#include "source/shard_reader.hpp"

#include "source/locks.hpp"
#include "source/reader_session.hpp"

namespace observerd::source {

ShardReader::ShardReader(const ReaderParts& parts, int shard, std::uint32_t seed)
    : parts_(parts), shard_(shard), backoff_(seed) {
  state_.shard = shard;
  state_.error = kNotStarted;
}

ShardReader::~ShardReader() {
  release();
  join();
}

void ShardReader::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void ShardReader::join() {
  if (thread_.joinable()) thread_.join();
}

ShardState ShardReader::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

void ShardReader::set_state(const std::function<void(ShardState&)>& change) {
  const std::lock_guard lock(mutex_);
  change(state_);
}

void ShardReader::run() {
  while (!interrupt_.stopping()) {
    const Status status = connected();
    set_state([&](ShardState& state) {
      state.error = status.ok() ? "reading was stopped" : status.message();
    });
    if (!status.ok()) pause(-1, backoff_.next());
  }
}

/// Sleeps through kicks that mean nothing here.
void ShardReader::pause(int socket, Milliseconds time) {
  if (!interrupt_.stopping()) interrupt_.wait(socket, time);
}

Status ShardReader::connected() {
  auto connection = postgres::Connection::open(parts_.options.database);
  if (!connection.ok()) return connection.status();
  Status status = prepare_session(**connection, parts_.options.page_rows);
  if (!status.ok()) return status;
  bool locked = false;
  while (status.ok() && !interrupt_.stopping()) {
    if (!locked) {
      Result<bool> granted = try_lock(**connection, shard_);
      if (!granted.ok()) return granted.status();
      locked = *granted;
    }
    if (locked) {
      status = leased(**connection);
      // Taken over and lost without a flush in between: not in a tight loop.
      if (status.ok() && !interrupt_.stopping()) pause(-1, backoff_.next());
    } else {
      set_state([](ShardState& state) { state.error = "another host reads this shard"; });
      pause((*connection)->raw().sock(), parts_.options.poll_interval);
      status = (*connection)->wait_for_notification(Milliseconds(0)).status();
    }
  }
  return status;
}

Status ShardReader::leased(postgres::Connection& connection) {
  Result<LedgerRow> taken = take_over(connection, shard_, last_lease_);
  if (!taken.ok()) return taken.status();
  const std::uint64_t lease = taken->epoch;
  last_lease_ = lease;
  parts_.ledgers.taken_over(*taken);
  Status status = parts_.sink.on_acquired(shard_, lease, connection);
  if (!status.ok()) {
    parts_.ledgers.drop(shard_, lease);
    return status;
  }
  set_state([lease](ShardState& state) {
    state.owned = true;
    state.lease = lease;
    state.idle = false;
    state.error.clear();
  });
  LeaseReader reader(parts_, connection, interrupt_, *taken, [this](bool idle) {
    set_state([idle](ShardState& state) { state.idle = idle; });
  });
  status = reader.run();
  if (status.ok()) status = hold(connection, lease);
  const auto view = parts_.ledgers.view(shard_);
  if (view && view->lease == lease && view->flushes > 0) backoff_.reset();
  parts_.ledgers.drop(shard_, lease);
  set_state([](ShardState& state) {
    state.owned = false;
    state.idle = false;
    state.error = "the lease was given up";
  });
  parts_.sink.on_lost(shard_, lease);
  return status;
}

/// After reading: what is in flight may still be settled under the lease. No statement runs.
Status ShardReader::hold(postgres::Connection& connection, std::uint64_t lease) {
  while (!interrupt_.releasing() && parts_.ledgers.holds(shard_, lease)) {
    interrupt_.wait(connection.raw().sock(), parts_.options.poll_interval);
    Result<bool> notified = connection.wait_for_notification(Milliseconds(0));
    if (!notified.ok()) return notified.status();
  }
  return Status();
}

}  // namespace observerd::source
