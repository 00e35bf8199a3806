#include "source/shard_reader.hpp"

#include "source/identity.hpp"
#include "source/locks.hpp"
#include "source/reader_session.hpp"

namespace observerd::source {
namespace {

constexpr Milliseconds kUntilKicked{3'600'000};
/// How often is asked whether what is under way is settled.
constexpr Milliseconds kLeavingTick{10};

}  // namespace

ShardReader::ShardReader(const ReaderParts& parts, int shard, std::uint32_t seed)
    : parts_(parts), shard_(shard), backoff_(seed) {
  state_.shard = shard;
  state_.error = kNotStarted;
  interrupt_.leave(true);
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

void ShardReader::want() {
  {
    const std::lock_guard lock(mutex_);
    if (interrupt_.leaving()) refused_ = false;
    if (refused_) interrupt_.kick();  // it is free by now
    state_.elsewhere = false;
    if (!why_left_.empty()) state_.error = kAboutToBeRead;
    why_left_.clear();
  }
  interrupt_.leave(false);
}

void ShardReader::leave(std::string why, bool elsewhere) {
  {
    const std::lock_guard lock(mutex_);
    why_left_ = std::move(why);
    left_to_other_ = elsewhere;
    if (!state_.owned) {
      state_.error = why_left_;
      state_.elsewhere = elsewhere;
    }
  }
  interrupt_.leave(true);
}

ShardState ShardReader::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

bool ShardReader::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

void ShardReader::set_state(const std::function<void(ShardState&)>& change) {
  const std::lock_guard lock(mutex_);
  change(state_);
}

void ShardReader::run() {
  while (!interrupt_.stopping()) {
    if (interrupt_.leaving()) {
      interrupt_.wait(-1, kUntilKicked);
      continue;
    }
    const Status status = connected();
    set_state([&](ShardState& state) {
      if (interrupt_.stopping()) {
        state.error = status.ok() ? "reading was stopped" : status.message();
      } else if (!why_left_.empty()) {
        state.error = why_left_;
        state.elsewhere = left_to_other_;
      } else if (!status.ok()) {
        state.error = status.message();
      }
    });
    if (!status.ok() && going_on()) interrupt_.wait(-1, backoff_.next());
  }
}

Status ShardReader::connected() {
  auto connection = postgres::Connection::open(parts_.options.database);
  if (!connection.ok()) return connection.status();
  // Each connection, since what is behind a host name may change at any time.
  Status status = check_identity(**connection);
  if (status.ok()) status = prepare_session(**connection);
  if (!status.ok()) return status;
  const Result<bool> lock = locked(**connection);
  if (!lock.ok() || !*lock) return lock.status();
  // The lock stays when the lease was given up by a flush: then it is taken over again.
  while (status.ok() && going_on()) {
    status = leased(**connection);
    // Taken over and lost without a flush in between: not in a tight loop.
    if (status.ok() && going_on()) interrupt_.wait(-1, backoff_.next());
  }
  // When stopping, a cancel may be under way that would hit any statement.
  if (status.ok() && !interrupt_.stopping()) status = give_back(**connection);
  return status;
}

Result<bool> ShardReader::locked(postgres::Connection& connection) {
  while (going_on()) {
    const Result<bool> granted = try_lock(connection, shard_);
    if (!granted.ok() || *granted) return granted;
    {
      const std::lock_guard lock(mutex_);
      refused_ = true;
      state_.error = "another host reads this shard";
      state_.elsewhere = true;
    }
    interrupt_.wait(connection.raw().sock(), parts_.options.poll_interval);
    const Status status = connection.wait_for_notification(Milliseconds(0)).status();
    if (!status.ok()) return status;
  }
  return false;
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
  {
    const std::lock_guard lock(mutex_);
    refused_ = false;
    state_.owned = true;
    state_.lease = lease;
    state_.idle = state_.elsewhere = state_.handing_on = false;
    state_.looked_at = std::chrono::steady_clock::now();
    state_.error.clear();
  }
  LeaseReader reader(parts_, connection, interrupt_, *taken, [this](Reading reading) {
    set_state([reading](ShardState& state) {
      state.idle = reading == Reading::Idle;
      state.handing_on = reading == Reading::HandingOn;
      state.looked_at = std::chrono::steady_clock::now();
    });
  });
  status = reader.run();
  if (status.ok()) status = hold(connection, lease, reader.refused());
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

/// After reading: what is in flight may still be settled under the lease; until release() when the
/// host stops, else until it is settled. When stopping no statement runs.
Status ShardReader::hold(postgres::Connection& connection, std::uint64_t lease, bool closing) {
  const SteadyTime deadline = std::chrono::steady_clock::now() + parts_.options.handover_timeout;
  while (!interrupt_.releasing() && parts_.ledgers.holds(shard_, lease)) {
    const bool leaving = !closing && !interrupt_.stopping();
    if (leaving && (done_with(lease) || std::chrono::steady_clock::now() > deadline)) break;
    interrupt_.wait(connection.raw().sock(), leaving ? kLeavingTick : parts_.options.poll_interval);
    Result<bool> notified = connection.wait_for_notification(Milliseconds(0));
    if (!notified.ok()) return notified.status();
  }
  return Status();
}

bool ShardReader::done_with(std::uint64_t lease) const {
  const auto view = parts_.ledgers.view(shard_);
  const bool may_leave = parts_.sink.may_leave(shard_, lease);
  return may_leave && view && view->lease == lease && view->clean;
}

Status ShardReader::give_back(postgres::Connection& connection) {
  Status status = unlock(connection, shard_);
  if (status.ok()) status = tell_hosts(connection);
  return status;
}

}  // namespace observerd::source
