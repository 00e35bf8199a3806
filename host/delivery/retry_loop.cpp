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
      log_(log) {}

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
    for (int shard = 0; connection && shard < shards_ && problem.ok(); ++shard) {
      if (dispatcher_.lease(shard) == 0) continue;
      Result<bool> looked = look(*connection, shard);
      if (!looked) {
        problem = looked.status();
        break;
      }
      found = found || *looked;
      problem = free_keys(*connection, shard);
    }
    Milliseconds pause = kLookInterval;
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

Result<bool> RetryLoop::look(postgres::Connection& connection, int shard) {
  // The lease first: rows that are read after it changed hands must not go out under the old one.
  const std::uint64_t lease = dispatcher_.lease(shard);
  const std::vector<Uuid> skip = dispatcher_.parked_in_flight(shard);
  if (lease == 0 || skip.size() >= kInFlightPerShard) return false;
  const int room = static_cast<int>(kInFlightPerShard - skip.size());
  Result<std::vector<store::Parked>> due = store::due_deliveries(
      connection, shard, clock_.now(), room, skip, dispatcher_.full_lanes(kInFlightPerLane));
  if (!due) return due.status();
  for (store::Parked& parked : *due) dispatcher_.deliver_parked(std::move(parked), lease);
  return !due->empty();
}

/// Ordering keys whose last parked delivery has ended run freely again.
Status RetryLoop::free_keys(postgres::Connection& connection, int shard) {
  std::vector<std::string> keys;
  std::vector<std::uint64_t> versions;
  for (std::string& key : dispatcher_.take_maybe_free(shard)) {
    if (const auto version = dispatcher_.gate().settled_version(key)) {
      versions.push_back(*version);
      keys.push_back(std::move(key));
    } else {
      dispatcher_.add_maybe_free(shard, std::move(key));
    }
  }
  if (keys.empty()) return {};
  Result<std::vector<std::string>> still = store::still_parked(connection, shard, keys);
  if (!still) {
    for (std::string& key : keys) dispatcher_.add_maybe_free(shard, std::move(key));
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
