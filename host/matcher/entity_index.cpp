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

void Matcher::EntityIndex::count(const Event& event, const condition::SlotValues& values,
                                 std::vector<condition::SlotId>& telling) const {
  events_[static_cast<std::size_t>(event.kind)].fetch_add(1, std::memory_order_relaxed);
  const bool has_new = event.new_row.has_value();
  const bool has_old = event.old_row.has_value();
  // By root; members of the event are never missing.
  const std::array<bool, 4> there{event.kind == EventKind::Delete ? has_old : has_new, has_new,
                                  has_old, false};
  for (condition::SlotId id = 0; id < roots_.size(); ++id) {
    if (values.missing(id) && there[static_cast<std::size_t>(roots_[id])] &&
        count_one(missing_[id])) {
      telling.push_back(id);
    }
  }
}

void Matcher::EntityIndex::count_unordered(condition::SlotId slot,
                                           std::vector<condition::SlotId>& telling) const {
  if (count_one(unordered_[slot])) telling.push_back(slot);
}

std::uint64_t Matcher::EntityIndex::events(FieldPath::Root root) const {
  std::uint64_t sum = 0;
  for (std::size_t kind = 0; kind < events_.size(); ++kind) {
    const bool has_row =
        root == FieldPath::Root::Row ||
        (root == FieldPath::Root::New && kind != static_cast<std::size_t>(EventKind::Delete)) ||
        (root == FieldPath::Root::Old && (kind == static_cast<std::size_t>(EventKind::Update) ||
                                          kind == static_cast<std::size_t>(EventKind::Delete)));
    if (has_row) sum += events_[kind].load(std::memory_order_relaxed);
  }
  return sum;
}

void Matcher::EntityIndex::report(const std::string& entity, std::vector<MissingPath>& out) const {
  for (condition::SlotId id = 0; id < roots_.size(); ++id) {
    const std::uint64_t missing = missing_[id].load(std::memory_order_relaxed);
    if (missing == 0) continue;
    out.push_back({entity, slots.path(id).to_string(), missing, events(roots_[id])});
  }
}

}  // namespace observerd::matcher
