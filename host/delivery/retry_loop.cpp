#include "delivery/retry_loop.hpp"

#include <algorithm>

#include "store/store.hpp"

namespace observerd::delivery {
namespace {

constexpr Milliseconds kFirstReconnect{200};
constexpr Milliseconds kLastReconnect{10'000};

}  // namespace

RetryLoop::RetryLoop(postgres::Options database, int shards, Dispatcher& dispatcher,
                     const Clock& clock, telemetry::Log& log)
    : database_(std::move(database)),
      shards_(shards),
      dispatcher_(dispatcher),
      clock_(clock),
      log_(log),
      releases_(static_cast<std::size_t>(shards)) {}

RetryLoop::~RetryLoop() {
  stop();
}

void RetryLoop::start() {
  thread_ = std::thread([this] { loop(); });
}

void RetryLoop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool RetryLoop::nothing_due() const {
  const std::lock_guard lock(mutex_);
  return nothing_due_;
}

void RetryLoop::loop() {
  std::unique_ptr<postgres::Connection> connection;
  Milliseconds reconnect = kFirstReconnect;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const SteadyTime began = std::chrono::steady_clock::now();
    Status problem;
    bool found = false;
    if (connection == nullptr || connection->broken()) {
      connection.reset();
      Result<std::unique_ptr<postgres::Connection>> opened = postgres::Connection::open(database_);
      if (opened) {
        connection = std::move(*opened);
      } else {
        problem = opened.status();
      }
    }
    if (connection) {
      const Result<bool> looked = look_at_all(*connection);
      problem = looked.status();
      found = looked.ok() && *looked;
    }
    const auto took = std::chrono::steady_clock::now() - began;
    std::chrono::nanoseconds pause = found ? kBusyInterval : kLookInterval;
    pause = std::max<std::chrono::nanoseconds>(pause, took);
    if (problem.ok()) {
      reconnect = kFirstReconnect;
    } else {
      log_.write(telemetry::Level::Warn, problem, {{"doing", "reading the retry schedule"}});
      pause = reconnect;
      reconnect = std::min(reconnect * 2, kLastReconnect);
    }
    lock.lock();
    nothing_due_ = problem.ok() && !found;
    wake_.wait_for(lock, pause, [this] { return stopping_; });
  }
}

Result<bool> RetryLoop::look_at_all(postgres::Connection& connection) {
  bool found = false;
  for (int shard = 0; shard < shards_; ++shard) {
    if (dispatcher_.lease(shard) == 0) continue;
    const ModuleRunner::ClosedLanes lanes = dispatcher_.closed_lanes();
    const Result<bool> released = releases_[static_cast<std::size_t>(shard)].look(
        connection, shard, dispatcher_, lanes, kInFlightPerLane);
    if (!released) return released.status();
    const Result<bool> looked = look(connection, shard, lanes);
    if (!looked) return looked.status();
    found = found || *released || *looked;
    if (Status status = free_keys(connection, shard); !status.ok()) return status;
  }
  return found;
}

Result<bool> RetryLoop::look(postgres::Connection& connection, int shard,
                             const ModuleRunner::ClosedLanes& lanes) {
  // The lease first: rows that are read after it changed hands must not go out under the old one.
  const std::uint64_t lease = dispatcher_.lease(shard);
  const std::vector<Uuid> skip = dispatcher_.parked().in_flight(shard);
  if (lease == 0 || skip.size() >= kInFlightPerShard ||
      dispatcher_.parked().bytes() >= kInFlightBytes) {
    return false;
  }
  std::vector<std::string> closed = dispatcher_.parked().full_lanes(kInFlightPerLane);
  closed.insert(closed.end(), lanes.closed.begin(), lanes.closed.end());
  const int room = static_cast<int>(std::min(kInFlightPerShard - skip.size(), kInFlightPerLane));
  Result<std::vector<store::Parked>> due =
      store::due_deliveries(connection, shard, clock_.now(), room, skip, closed);
  if (!due) return due.status();
  const bool found = !due->empty();
  for (store::Parked& parked : *due) dispatcher_.deliver_parked(std::move(parked), lease);
  const Result<bool> probed = probe(connection, shard, lease, lanes);
  if (!probed) return probed.status();
  return found || *probed;
}

/// One delivery of each lane whose breaker wants to know whether the destination is back.
Result<bool> RetryLoop::probe(postgres::Connection& connection, int shard, std::uint64_t lease,
                              const ModuleRunner::ClosedLanes& lanes) {
  bool found = false;
  for (const std::string& lane : lanes.probes) {
    Result<std::vector<store::Parked>> due = store::due_in_lane(
        connection, shard, clock_.now(), 1, dispatcher_.parked().in_flight(shard), lane);
    if (!due) return due.status();
    for (store::Parked& parked : *due) {
      found = true;
      dispatcher_.deliver_parked(std::move(parked), lease);
    }
  }
  return found;
}

/// Ordering keys whose last parked delivery has ended run freely again.
Status RetryLoop::free_keys(postgres::Connection& connection, int shard) {
  std::vector<std::string> keys;
  std::vector<std::uint64_t> versions;
  for (std::string& key : dispatcher_.parked().take_maybe_free(shard)) {
    if (const auto version = dispatcher_.gate().settled_version(key)) {
      versions.push_back(*version);
      keys.push_back(std::move(key));
    } else {
      dispatcher_.parked().add_maybe_free(shard, std::move(key));
    }
  }
  if (keys.empty()) return {};
  Result<std::vector<std::string>> still = store::still_parked(connection, shard, keys);
  if (!still) {
    for (std::string& key : keys) dispatcher_.parked().add_maybe_free(shard, std::move(key));
    return still.status();
  }
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (std::find(still->begin(), still->end(), keys[i]) == still->end()) {
      dispatcher_.gate().release(keys[i], versions[i]);
    }
  }
  return {};
}

}  // namespace observerd::delivery
