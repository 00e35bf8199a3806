#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "condition/program.hpp"
#include "matcher/access.hpp"
#include "matcher/key_map.hpp"
#include "matcher/symbols.hpp"

namespace observerd::matcher {

/// What an event came to in a partition: positions of observers, in no order, some perhaps twice.
struct Hits {
  std::vector<std::uint32_t> fired;
  std::vector<std::uint32_t> undecided;
  /// Fields that ranges were to be looked up by and that are there, but no numbers.
  std::vector<condition::SlotId> unordered;
};

/// Working memory of a look-up, used again from event to event.
struct Probes {
  struct Field {
    bool there = false;
    Symbols::Key key;
    std::uint32_t symbol = Symbols::kNone;
  };
  std::vector<Field> fields;
  std::vector<std::uint64_t> keys;  ///< by cluster
  std::vector<std::uint32_t> runs;  ///< of the postings that were found
};

/// The observers of one entity (or of all) for one kind of event, found by what their conditions
/// require. Each conjunction of a condition stands in one posting:
///
/// - a cluster is a set of up to two fields that conjunctions compare with constants; a posting of
///   it holds those that want the same values. The cluster of no field holds the rest.
/// - a run is the part of a posting that has the same gate (terms that are cheap to evaluate, so
///   once for all of them) and the same field with a range, and is sorted by the range's lower
///   limit. Only what lies in range is looked at.
/// - what neither key, range nor gate covers is a program of its own, run for that conjunction
///   alone.
///
/// Immutable once built (PartitionBuilder); safe to use from many threads.
class Partition {
 public:
  bool empty() const { return targets_.empty(); }
  /// Appends to `hits`. `values` are those of the table that the programs were compiled for.
  void match(const Event& event, condition::SlotValues& values, Probes& probes, Hits& hits) const;

 private:
  friend class PartitionBuilder;

  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint32_t kBlock = 32;

  /// Something that clusters look up.
  struct Field {
    Subject subject = Subject::Value;
    condition::SlotId slot = condition::kNoSlot;    ///< the value; of a change the new one
    condition::SlotId before = condition::kNoSlot;  ///< of a change the old one
    Symbols symbols;
  };
  struct Cluster {
    std::array<std::uint32_t, 2> fields{kNone, kNone};
    KeyMap postings;  ///< from the values' symbols to the first run
  };
  struct Run {
    std::uint32_t begin = 0;  ///< in targets_ and rests_
    std::uint32_t end = 0;
    std::uint32_t gate = kNone;     ///< a program
    std::uint32_t range = kNone;    ///< the slot whose value must lie in the range
    std::uint32_t first_limit = 0;  ///< in least_ and most_
    std::uint32_t first_block = 0;  ///< in block_most_
    bool last = false;              ///< of its posting
    bool has_rests = false;
  };

  /// The value that a field is looked up with; nullptr when there is none.
  static const Operand* subject(const Field& field, const Event& event,
                                condition::SlotValues& values);
  void look_up(const Event& event, condition::SlotValues& values, Probes& probes) const;
  void match_posting(std::uint32_t run, const Event& event, condition::SlotValues& values,
                     Hits& hits) const;
  void match_range(const Run& run, std::int64_t key, const Event& event,
                   condition::SlotValues& values, Hits& hits) const;
  void add(const Run& run, std::uint32_t target, bool undecided, const Event& event,
           condition::SlotValues& values, Hits& hits) const;

  std::vector<Field> fields_;
  std::vector<Cluster> clusters_;
  std::uint32_t unkeyed_ = kNone;  ///< the first run of the posting that every event looks at
  std::vector<Run> runs_;
  std::vector<std::uint32_t> targets_;  ///< positions of observers
  std::vector<std::uint32_t> rests_;    ///< a program for each target, or kNone
  std::vector<std::int64_t> least_;     ///< limits of ranges, inclusive, as range_key counts
  std::vector<std::int64_t> most_;
  std::vector<std::int64_t> block_most_;  ///< the greatest of kBlock upper limits
  std::vector<condition::Program> programs_;
};

}  // namespace observerd::matcher
