#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "matcher/conjunction.hpp"
#include "matcher/partition.hpp"

namespace observerd::matcher {

/// Makes the partition of one entity and kind: chooses what each conjunction is looked up by.
class PartitionBuilder {
 public:
  /// Slots of what the conditions read are added to `slots`.
  PartitionBuilder(EventKind kind, condition::SlotTable& slots) : kind_(kind), slots_(slots) {}

  /// An observer; its tree must live until build() is through.
  void add(std::uint32_t position, const condition::Node& root);
  Partition build();

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  /// A condition that wants one of more values than this is not looked up by them.
  static constexpr std::size_t kMostKeys = 256;
  /// Each is a look-up for every event; rarer pairs of fields are looked up by one of them.
  static constexpr std::size_t kMostPairs = 8;

  /// One field of a conjunction that is compared with constants.
  struct Lookup {
    std::uint32_t field = kNone;
    std::size_t term = 0;
    std::vector<std::uint32_t> symbols;  ///< any of them
  };
  struct Range {
    std::uint32_t slot = kNone;
    std::int64_t least = kOpenBelow;
    std::int64_t most = kOpenAbove;
    std::vector<std::size_t> terms;
  };
  struct Draft {
    std::uint32_t position = 0;
    Conjunction terms;
    std::vector<Lookup> lookups;
    Range range;
  };
  /// A conjunction under one key.
  struct Entry {
    std::uint32_t cluster = kNone;
    std::uint64_t key = 0;
    std::uint32_t gate = kNone;
    std::uint32_t range = kNone;
    std::int64_t least = 0;
    std::int64_t most = 0;
    std::uint32_t position = 0;
    std::uint32_t rest = kNone;
  };

  std::uint32_t field(const Access& access);
  void find_lookups(Draft& draft, std::vector<std::pair<std::size_t, Access>> equals);
  static void find_range(Draft& draft, std::vector<Range> ranges);
  bool more_selective(const Lookup& a, const Lookup& b) const;
  void choose_clusters();
  std::uint32_t cluster(const std::vector<Lookup>& lookups);
  void place(Draft& draft);
  std::uint32_t program(const Conjunction& terms);
  void write();
  void write_run(const std::vector<Entry>& entries, std::size_t begin, std::size_t end);

  const EventKind kind_;
  condition::SlotTable& slots_;
  Partition result_;
  std::vector<Draft> drafts_;
  std::vector<Entry> entries_;
  std::unordered_map<std::uint64_t, std::uint32_t> fields_;    ///< by subject and slot
  std::unordered_map<std::uint64_t, std::uint32_t> clusters_;  ///< by fields
  std::unordered_map<std::string, std::uint32_t> programs_;    ///< by text
};

}  // namespace observerd::matcher
