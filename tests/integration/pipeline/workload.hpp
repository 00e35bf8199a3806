#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/daemon.hpp"
#include "support/http_server.hpp"

namespace observerd::testing {

/// What arrived for each entity, whose changes are numbered 1, 2, 3, … Thread-safe.
class Tally {
 public:
  void note(int entity, int number);
  /// Changes that arrived at least once.
  std::size_t distinct() const;
  std::size_t repeats() const;
  /// The greatest number of an entity.
  int newest(int entity) const;
  /// Changes whose first arrival came before an earlier change of the entity, or without it.
  std::vector<std::string> disorder() const;
  bool wait_for(std::size_t distinct, std::chrono::milliseconds timeout) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<int, int> newest_;
  std::size_t distinct_ = 0;
  std::size_t repeats_ = 0;
  std::vector<std::string> disorder_;
};

/// Entities whose changes are counted by themselves, an observer that sends each change to a
/// receiver, and what the receiver got. The table is the truth: an entity's number is how many of
/// its changes were committed.
class Workload {
 public:
  /// `runtime` and `action` are further members of the configuration, each with a leading comma.
  explicit Workload(int entities, const std::string& runtime = "", const std::string& action = "");
  ~Workload();
  Workload(const Workload&) = delete;
  Workload& operator=(const Workload&) = delete;

  /// Starts changing every entity by turns of one statement until so many changes are committed;
  /// goes on after lost connections. `pause` is between statements.
  void write(int changes, std::chrono::milliseconds pause = std::chrono::milliseconds(0));
  /// Until everything is committed.
  void finish_writing();
  /// Until the writer has finished and every committed change has arrived, or nothing has arrived
  /// for a minute; then what is wrong: missing changes, disorder.
  std::vector<std::string> finish();
  /// Until so many changes have arrived; false when they do not within a minute.
  [[nodiscard]] bool wait_for(std::size_t distinct) const;

  const Installation& installation() const { return installation_; }
  const std::string& database() const { return installation_.database(); }
  const Tally& tally() const { return tally_; }
  HttpServer& receiver() { return receiver_; }

 private:
  void run_writer(int changes, std::chrono::milliseconds pause) const;

  const int entities_;
  Installation installation_;
  Tally tally_;
  HttpServer receiver_;
  std::thread writer_;
};

/// Random numbers of a test that can be repeated: OBSERVERD_TORTURE_SEED. The seed is printed.
class Dice {
 public:
  Dice();
  std::size_t below(std::size_t limit) { return random_() % limit; }
  /// So many numbers below the limit, ascending.
  std::vector<std::size_t> moments(std::size_t count, std::size_t limit);

 private:
  std::minstd_rand random_;
};

}  // namespace observerd::testing
