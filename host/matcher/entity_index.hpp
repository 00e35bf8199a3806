#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <vector>

#include "condition/slots.hpp"
#include "matcher/matcher.hpp"
#include "matcher/partition.hpp"

namespace observerd::matcher {

/// The observers of one entity, and the paths that they and the observers of all entities read.
/// Counts what keeps conditions from an answer while it is used, without locks.
struct Matcher::EntityIndex {
  condition::SlotTable slots;
  std::array<Partition, 4> partitions;  ///< by kind
  std::array<std::size_t, 4> candidates{};

  /// Before anything else: what observers of all entities read comes first in every table, so that
  /// their programs fit all.
  void begin_with(const EntityIndex& any_entity) {
    slots = any_entity.slots;
    readers_ = any_entity.readers_;
  }
  /// An observer whose condition reads these paths.
  void add_reader(std::uint32_t position, const condition::Condition& condition);
  void start_counting();
  /// Counts what is missing. Appends the slots whose number is a power of two now: often enough to
  /// tell, too rarely to cost.
  void count(const Event& event, const condition::SlotValues& values,
             std::vector<condition::SlotId>& telling) const;
  /// The same for a field that is no number but is compared with some.
  void count_unordered(condition::SlotId slot, std::vector<condition::SlotId>& telling) const;
  /// The first observers that read a path, in the order of the configuration.
  const std::vector<std::uint32_t>& readers(condition::SlotId slot) const { return readers_[slot]; }
  void report(const std::string& entity, std::vector<MissingPath>& out) const;

 private:
  /// Events whose kind has the row that a path of a root speaks of.
  std::uint64_t events(FieldPath::Root root) const;

  /// More would only fill the log.
  static constexpr std::size_t kMostReaders = 16;

  std::vector<FieldPath::Root> roots_;               ///< by slot
  std::vector<std::vector<std::uint32_t>> readers_;  ///< by slot
  mutable std::unique_ptr<std::atomic<std::uint64_t>[]> missing_;
  mutable std::unique_ptr<std::atomic<std::uint64_t>[]> unordered_;
  mutable std::array<std::atomic<std::uint64_t>, 4> events_{};  ///< by kind
};

}  // namespace observerd::matcher
