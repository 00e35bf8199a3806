#pragma once

#include <cstdint>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"
#include "config/settings.hpp"
#include "source/source.hpp"

namespace observerd::app {

/// How long it may take, at most, until something is settled while something is under way: the
/// longest that the actions of one observer may take, one after the other, and two minutes.
Milliseconds settling_patience(const config::Settings& settings);

/// Judges a host by its progress, not by the age of what waits: a backlog that drains is moving,
/// whatever its age, and so is one long attempt.
///
/// **Delivery is moving** while every shard is read by a host, and no host has stalled. A host has
/// stalled when something is under way and nothing was settled for settling_patience(), when the
/// database has not answered the reader of a shard for as long, or when it has not shown itself in
/// the database for views::StatusReport::kSilentSeconds. The host itself finds out the first two
/// and shows them to the others (observer.hosts); so /readyz and observerd_ready, which speak of
/// one host, and `observerd status`, which speaks of all, agree. Not thread-safe.
class Movement {
 public:
  struct Sight {
    std::uint64_t settled = 0;  ///< grows
    std::size_t under_way = 0;
    std::vector<source::ShardState> shards;
  };

  void set_patience(Milliseconds patience) { patience_ = patience; }
  /// ok, or why this host has stalled. Ask often: progress counts from the look that saw it.
  Status look(const Sight& sight, SteadyTime now);

 private:
  Milliseconds patience_{0};
  std::uint64_t settled_ = 0;  ///< at the last change
  SteadyTime settled_at_{};    ///< when it was, or nothing was under way
};

}  // namespace observerd::app
