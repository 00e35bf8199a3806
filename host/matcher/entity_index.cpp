#include "matcher/entity_index.hpp"

#include <bit>

namespace observerd::matcher {
namespace {

/// One more; true when that makes a power of two.
bool count_one(std::atomic<std::uint64_t>& counter) {
  return std::has_single_bit(counter.fetch_add(1, std::memory_order_relaxed) + 1);
}

}  // namespace

void Matcher::EntityIndex::add_reader(std::uint32_t position,
                                      const condition::Condition& condition) {
  for (const FieldPath& path : condition.paths()) {
    const condition::SlotId slot = slots.add(path);
    if (readers_.size() <= slot) readers_.resize(slot + 1);
    if (readers_[slot].size() < kMostReaders) readers_[slot].push_back(position);
  }
}

void Matcher::EntityIndex::start_counting() {
  readers_.resize(slots.size());
  unordered_ = std::make_unique<std::atomic<std::uint64_t>[]>(slots.size());
  missing_ = std::make_unique<std::atomic<std::uint64_t>[]>(slots.size());
  roots_.reserve(slots.size());
  for (condition::SlotId id = 0; id < slots.size(); ++id) roots_.push_back(slots.path(id).root);
}

bool Matcher::EntityIndex::has_row(const Event& event, FieldPath::Root root) {
  const bool old_row = root == FieldPath::Root::Old ||
                       (root == FieldPath::Root::Row && event.kind == EventKind::Delete);
  return (old_row ? event.old_row : event.new_row).has_value();
}

void Matcher::EntityIndex::count(const Event& event, const condition::SlotValues& values,
                                 std::vector<condition::SlotId>& telling) const {
  std::array<bool, 4> counts{};  // members of the event are never missing
  for (std::size_t root = 0; root < rows_.size(); ++root) {
    counts[root] = has_row(event, static_cast<FieldPath::Root>(root));
    if (counts[root]) rows_[root].fetch_add(1, std::memory_order_relaxed);
  }
  for (condition::SlotId id = 0; id < roots_.size(); ++id) {
    if (values.missing(id) && counts[static_cast<std::size_t>(roots_[id])] &&
        count_one(missing_[id])) {
      telling.push_back(id);
    }
  }
}

void Matcher::EntityIndex::count_unordered(condition::SlotId slot,
                                           std::vector<condition::SlotId>& telling) const {
  if (count_one(unordered_[slot])) telling.push_back(slot);
}

void Matcher::EntityIndex::report(const std::string& entity, std::vector<MissingPath>& out) const {
  for (condition::SlotId id = 0; id < roots_.size(); ++id) {
    const std::uint64_t missing = missing_[id].load(std::memory_order_relaxed);
    if (missing == 0) continue;
    const auto root = static_cast<std::size_t>(roots_[id]);
    out.push_back(
        {entity, slots.path(id).to_string(), missing, rows_[root].load(std::memory_order_relaxed)});
  }
}

}  // namespace observerd::matcher
