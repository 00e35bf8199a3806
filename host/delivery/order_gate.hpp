#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "delivery/work.hpp"

namespace observerd::delivery {

/// Keeps deliveries of one ordering key in order: one in flight, later ones wait in memory; once
/// one of them is parked in the retry schedule, later ones park behind it. Thread-safe.
class OrderGate {
 public:
  enum class Entry : unsigned char {
    Run,     ///< the caller goes on with it
    Waits,   ///< the gate has taken it
    Behind,  ///< the caller parks it behind what is parked of its key
  };

  /// For a delivery that has just been made. Its key must not be empty.
  Entry enter(DeliveryPtr& delivery);
  /// The delivery in flight of this key is through. Gives the next one to run, or nullptr.
  DeliveryPtr leave(const std::string& key);
  /// Takes out the waiting delivery whose event came first; nullptr when none waits. A look at
  /// every key.
  DeliveryPtr take_oldest();

  /// The delivery in flight of this key goes to the retry schedule: the key counts as parked from
  /// now on. Gives all that waited, in order, to be parked behind it. `outbox_id` is its event's.
  std::vector<DeliveryPtr> park(const std::string& key, int shard, std::int64_t outbox_id);

  /// A key that the database has something parked of (at take-over of a shard).
  void add_parked(std::string key, int shard);
  /// A row that enter (Behind) or park announced for that event is in the database now.
  void park_written(const std::string& key, std::int64_t outbox_id);
  /// The earliest event of which a row is announced and not in the database yet, leaving out those
  /// that are being written (ascending); the largest number when there is none. An event writes
  /// its rows when all its actions are through, so later events' rows may be there before.
  std::int64_t first_unwritten(const std::string& key,
                               std::span<const std::int64_t> being_written) const;
  /// The state of a parked key, for release(); nullopt while an announced row is still to be
  /// written (what the database says of the key is then no proof).
  std::optional<std::uint64_t> settled_version(const std::string& key) const;
  /// The database has nothing parked of this key, as seen after settled_version gave `version`.
  /// Does nothing when something was parked since.
  void release(const std::string& key, std::uint64_t version);

  /// Forgets the parked keys of a shard and gives back what waits of it.
  std::vector<DeliveryPtr> drop_shard(int shard);
  std::size_t waiting() const;

 private:
  struct Key {
    int shard = 0;
    bool in_flight = false;
    bool parked = false;
    std::uint64_t version = 0;              ///< grows with every row that is announced
    std::multiset<std::int64_t> unwritten;  ///< events with rows that are announced and not written
    std::list<DeliveryPtr> waiting;  ///< most keys have none, and an empty list allocates nothing
    bool unused() const { return !in_flight && !parked && waiting.empty(); }
  };
  struct Stripe {
    mutable std::mutex mutex;
    std::unordered_map<std::string, Key> keys;
  };

  Stripe& stripe(const std::string& key) const;

  mutable std::array<Stripe, 64> stripes_;
};

}  // namespace observerd::delivery
