#include "source/coordinator.hpp"

#include <algorithm>

#include "source/identity.hpp"
#include "source/locks.hpp"
#include "source/reader_session.hpp"

namespace observerd::source {
namespace {

/// The locks of a host that stops go a moment after it has told us.
constexpr int kLooksSoon = 5;
constexpr Milliseconds kSoon{40};

constexpr const char* kOtherHost = "another host reads this shard";
constexpr const char* kOthersTurn = "another host is to read this shard";

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

Coordinator::Coordinator(const Options& options, const Readers& readers, std::uint32_t seed)
    : options_(options),
      readers_(readers),
      maintenance_({options.segment_bytes, options.segment_age}, seed),
      backoff_(seed),
      wanted_(readers.size(), false) {}

Coordinator::~Coordinator() {
  stop();
}

void Coordinator::start() {
  if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
}

void Coordinator::stop_reading() {
  stopping_ = true;
  interrupt_.kick();
}

void Coordinator::stop() {
  stopping_ = true;
  interrupt_.release();
  if (thread_.joinable()) thread_.join();
}

void Coordinator::hold_off(std::string reason) {
  {
    const std::lock_guard lock(mutex_);
    held_off_ = std::move(reason);
  }
  interrupt_.kick();
}

std::string Coordinator::held_off_by() const {
  const std::lock_guard lock(mutex_);
  return held_off_;
}

OutboxState Coordinator::outbox() const {
  const std::lock_guard lock(mutex_);
  return outbox_;
}

void Coordinator::run() {
  while (!interrupt_.stopping()) {
    const Status status = connected();
    if (status.ok()) continue;
    {
      const std::lock_guard lock(mutex_);
      outbox_.problem = status.message();
    }
    for (const auto& reader : readers_) {
      // Whoever reads finds out for himself; the others would not say why they do not.
      if (!wanted_[reader->state().shard]) reader->leave(status.message(), false);
    }
    if (!interrupt_.stopping()) interrupt_.wait(-1, backoff_.next());
  }
}

Status Coordinator::connected() {
  auto connection = postgres::Connection::open(options_.database);
  if (!connection.ok()) return connection.status();
  willing_ = false;
  maintenance_due_ = SteadyTime();
  Status status = pin_session(**connection);
  if (!status.ok()) return status;
  prepare_locks(**connection);
  status = (*connection)->listen(hosts_channel(**connection));
  while (status.ok() && !interrupt_.stopping()) {
    status = coordinate(**connection);
    if (status.ok()) status = maintain(**connection);
    if (!status.ok()) break;
    backoff_.reset();
    status = wait(**connection);
  }
  // Ours are free by now: stop() comes after the readers have ended.
  if (status.ok()) status = tell_hosts(**connection);
  return status;
}

Status Coordinator::coordinate(postgres::Connection& connection) {
  std::string why_not = held_off_by();
  if (why_not.empty() && !stopping_ && !willing_) {
    const Status identity = check_identity(connection);
    if (connection.broken()) return identity;
    why_not = identity.message();
  }
  const bool willing = why_not.empty() && !stopping_;
  bool changed = false;
  Status status = show(connection, willing, changed);
  if (!status.ok()) return status;
  if (stopping_) return status;  // leases are kept until release()
  if (willing) {
    Result<Roster> roster = read_roster(connection, options_.shards);
    if (!roster.ok()) return roster.status();
    direct(*roster);
  } else {
    leave_all(why_not);
  }
  return changed ? tell_hosts(connection) : status;
}

Status Coordinator::show(postgres::Connection& connection, bool willing, bool& changed) {
  if (willing == willing_) return Status();
  Status status =
      willing ? lock_shared(connection, kWillingKey) : unlock_shared(connection, kWillingKey);
  if (!status.ok()) return status;
  willing_ = willing;
  changed = true;
  return status;
}

void Coordinator::direct(const Roster& roster) {
  std::vector<Claim> claims;
  for (std::size_t shard = 0; shard < readers_.size(); ++shard) {
    claims.push_back({wanted_[shard], readers_[shard]->state().owned, readers_[shard]->refused()});
  }
  wanted_ = balance(roster, claims);
  for (std::size_t shard = 0; shard < readers_.size(); ++shard) {
    if (wanted_[shard]) {
      readers_[shard]->want();
    } else {
      const bool held = roster.held.count(static_cast<int>(shard)) > 0;
      readers_[shard]->leave(held ? kOtherHost : kOthersTurn, held);
    }
  }
}

void Coordinator::leave_all(const std::string& why) {
  std::fill(wanted_.begin(), wanted_.end(), false);
  for (const auto& reader : readers_) reader->leave(why, false);
}

Status Coordinator::maintain(postgres::Connection& connection) {
  if (now() < maintenance_due_) return Status();
  Result<OutboxState> state = maintenance_.round(connection);
  maintenance_due_ = now() + options_.maintenance_interval;
  const std::lock_guard lock(mutex_);
  if (state.ok()) {
    outbox_ = *std::move(state);
    return Status();
  }
  // What is wrong with the outbox must not keep anybody from reading.
  outbox_.problem = state.status().message();
  return connection.broken() ? state.status() : Status();
}

Status Coordinator::wait(postgres::Connection& connection) {
  const auto until_maintenance = std::chrono::ceil<Milliseconds>(maintenance_due_ - now());
  const Milliseconds until_look = looks_soon_ > 0 ? kSoon : options_.balance_interval;
  interrupt_.wait(connection.raw().sock(), std::min(until_look, until_maintenance));
  const Result<bool> notified = connection.wait_for_notification(Milliseconds(0));
  if (!notified.ok()) return notified.status();
  looks_soon_ = *notified ? kLooksSoon : std::max(0, looks_soon_ - 1);
  return Status();
}

}  // namespace observerd::source
