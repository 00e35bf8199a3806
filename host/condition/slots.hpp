#pragma once

#include <array>
#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>
#include <vector>

#include "condition/operand.hpp"
#include "condition/text_key.hpp"
#include "event/event.hpp"
#include "event/path.hpp"

namespace observerd::condition {

using SlotId = std::uint32_t;
constexpr SlotId kNoSlot = ~SlotId{0};

/// The values of the slots of one event: working memory, used again for the next. Belongs to one
/// thread. Valid as long as the event is and until the next fill.
class SlotValues {
 public:
  /// The value of a slot, read when somebody first asks; nullptr when the path is missing.
  const Operand* get(SlotId id);
  bool missing(SlotId id) const { return slots_[id].state == State::Missing; }
  /// Whether two slots hold the same, where missing counts as null.
  bool same(SlotId a, SlotId b);

 private:
  friend class SlotTable;
  enum class State : std::uint8_t { Missing, Unread, Ready };
  struct Slot {
    State state = State::Missing;
    const RowNode* node = nullptr;
    const char* text = nullptr;  ///< what the node's offsets point into
    Operand value;
  };

  void read(Slot& slot);

  std::vector<Slot> slots_;
  std::forward_list<std::string> texts_;  ///< strings that had escapes
  std::forward_list<json::Value> trees_;  ///< arrays and objects that somebody looked into
};

/// Numbers the paths that a set of conditions reads, and finds them all in one walk over the nodes
/// of a row. Filled once, then only read, by many threads.
class SlotTable {
 public:
  /// The number of a path, a new one if need be. Numbers count up from 0, so a copy of a table that
  /// grows keeps the meaning of what was compiled for the original.
  SlotId add(const FieldPath& path);
  std::size_t size() const { return paths_.size(); }
  const FieldPath& path(SlotId id) const { return paths_[id]; }

  void fill(const Event& event, SlotValues& values) const;

 private:
  /// Names of members, by hash. Few, so a table of twice their number.
  class Names {
   public:
    static constexpr std::uint32_t kNone = ~std::uint32_t{0};
    std::uint32_t find(std::string_view name) const;
    void insert(std::string name, std::uint32_t branch);
    bool empty() const { return count_ == 0; }
    const std::vector<std::uint32_t>& branches() const { return branches_; }

   private:
    struct Entry {
      TextKey key;
      std::uint32_t branch = kNone;
      std::string name;
    };
    void place(Entry entry);
    std::vector<Entry> entries_;  ///< a power of two
    std::vector<std::uint32_t> branches_;
    std::uint64_t likely_ = 0;  ///< a bit for each hash that is there: most names are not
    std::size_t count_ = 0;
  };
  /// A place in the rows: the paths that end here, by root (Row, New, Old), and what is below.
  struct Branch {
    std::array<SlotId, 3> slots{kNoSlot, kNoSlot, kNoSlot};
    Names members;
    std::vector<std::pair<std::size_t, std::uint32_t>> elements;
    bool leaf() const { return members.empty() && elements.empty(); }
  };
  using Roots = std::array<bool, 3>;
  struct RowView {
    const RowNode* nodes = nullptr;
    const char* text = nullptr;
  };

  std::uint32_t below(std::uint32_t branch, const FieldPath::Step& step);
  void fill_row(const Row& row, const Roots& roots, SlotValues& values) const;
  void fill_branch(const RowView& row, std::size_t node, const Branch& branch, const Roots& roots,
                   SlotValues& values) const;
  void clear(const Branch& branch, const Roots& roots, SlotValues& values) const;

  std::vector<FieldPath> paths_;
  std::vector<SlotId> event_members_;
  std::vector<Branch> branches_{Branch()};
};

}  // namespace observerd::condition
