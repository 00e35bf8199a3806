#include "matcher/matcher.hpp"

#include <algorithm>
#include <tuple>

#include "matcher/entity_index.hpp"
#include "matcher/partition_builder.hpp"
#include "matcher/scratch.hpp"

namespace observerd::matcher {
namespace {

constexpr std::string_view kAnyEntity = "*";
constexpr EventKind kAllKinds[] = {EventKind::Insert, EventKind::Update, EventKind::Delete,
                                   EventKind::Custom};

bool wants(const Rule& rule, EventKind kind) {
  return rule.kinds.empty() ||
         std::find(rule.kinds.begin(), rule.kinds.end(), kind) != rule.kinds.end();
}

void sort_unique(std::vector<std::uint32_t>& positions) {
  // They come as a few ascending pieces: up to some size inserting is quicker than sorting.
  constexpr std::size_t kFew = 64;
  if (positions.size() <= kFew) {
    for (std::size_t i = 1; i < positions.size(); ++i) {
      const std::uint32_t position = positions[i];
      std::size_t at = i;
      for (; at > 0 && positions[at - 1] > position; --at) positions[at] = positions[at - 1];
      positions[at] = position;
    }
  } else {
    std::sort(positions.begin(), positions.end());
  }
  positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
}

}  // namespace

Status Undecided::status(const Event& event) const {
  // It was parsed when the rule was made.
  const auto parsed = condition::Condition::parse(condition);
  return parsed.ok() ? parsed->evaluate(event).error : parsed.status();
}

Matcher::Matcher(std::span<const Rule> rules) : any_entity_(std::make_unique<EntityIndex>()) {
  struct Position {
    std::uint32_t entry = 0;
    const Rule* rule = nullptr;
  };
  std::unordered_map<std::string_view, std::vector<Position>> grouped;
  entries_.reserve(rules.size());
  indices_.reserve(rules.size());
  for (const Rule& rule : rules) {
    if (!rule.enabled) continue;
    grouped[rule.entity].push_back({static_cast<std::uint32_t>(entries_.size()), &rule});
    indices_.push_back(rule.index);
    Entry& entry = entries_.emplace_back(Entry{rule.condition.source(), {}});
    for (const EventKind kind : kAllKinds) {
      entry.kinds[static_cast<std::size_t>(kind)] = wants(rule, kind);
    }
  }
  const auto build = [](EntityIndex& index, const std::vector<Position>& positions) {
    for (const EventKind kind : kAllKinds) {
      const auto at = static_cast<std::size_t>(kind);
      PartitionBuilder builder(kind, index.slots);
      for (const Position& position : positions) {
        if (!wants(*position.rule, kind)) continue;
        builder.add(position.entry, position.rule->condition.root());
        ++index.candidates[at];
      }
      index.partitions[at] = builder.build();
    }
    for (const Position& position : positions) {
      index.add_reader(position.entry, position.rule->condition);
    }
  };
  // Every entity's table begins with the paths that observers of all entities read.
  build(*any_entity_, grouped[kAnyEntity]);
  for (const auto& [entity, positions] : grouped) {
    if (entity == kAnyEntity) continue;
    auto index = std::make_unique<EntityIndex>();
    index->begin_with(*any_entity_);
    build(*index, positions);
    index->start_counting();
    by_entity_.emplace(entity, std::move(index));
  }
  any_entity_->start_counting();
}

Matcher::~Matcher() = default;

const Matcher::EntityIndex* Matcher::of_entity(std::string_view entity) const {
  const auto found = by_entity_.find(entity);
  return found == by_entity_.end() ? nullptr : found->second.get();
}

std::unique_ptr<Matcher::Scratch> Matcher::borrow() const {
  {
    const std::lock_guard lock(spare_mutex_);
    if (!spare_.empty()) {
      auto scratch = std::move(spare_.back());
      spare_.pop_back();
      return scratch;
    }
  }
  return std::make_unique<Scratch>();
}

void Matcher::give_back(std::unique_ptr<Scratch> scratch) const {
  const std::lock_guard lock(spare_mutex_);
  spare_.push_back(std::move(scratch));
}

void Matcher::match(const Event& event, std::vector<std::size_t>& fired,
                    std::vector<Undecided>* undecided) const {
  auto scratch = borrow();
  match(event, *scratch, fired, undecided);
  give_back(std::move(scratch));
}

void Matcher::match(const Event& event, Scratch& scratch, std::vector<std::size_t>& fired,
                    std::vector<Undecided>* undecided) const {
  const auto kind = static_cast<std::size_t>(event.kind);
  const EntityIndex* own = of_entity(event.entity);
  const Partition* mine = own == nullptr ? nullptr : &own->partitions[kind];
  const Partition& everyones = any_entity_->partitions[kind];
  if ((mine == nullptr || mine->empty()) && everyones.empty()) return;

  const EntityIndex& index = own != nullptr ? *own : *any_entity_;
  index.slots.fill(event, scratch.values_);
  scratch.telling_.clear();
  index.count(event, scratch.values_, scratch.telling_);
  Hits& hits = scratch.hits_;
  hits.fired.clear();
  hits.undecided.clear();
  hits.unordered.clear();
  if (mine != nullptr) mine->match(event, scratch.values_, scratch.probes_, hits);
  everyones.match(event, scratch.values_, scratch.probes_, hits);

  for (const std::uint32_t position : hits.fired) __builtin_prefetch(&indices_[position]);
  sort_unique(hits.fired);
  for (const std::uint32_t position : hits.fired) fired.push_back(indices_[position]);
  for (const condition::SlotId slot : hits.unordered) {
    index.count_unordered(slot, scratch.telling_);
  }
  if (undecided == nullptr) return;
  add_readers(index, scratch.telling_, event, hits.undecided);
  sort_unique(hits.undecided);
  for (const std::uint32_t position : hits.undecided) {
    // Another branch of a disjunction may have been true.
    if (std::binary_search(hits.fired.begin(), hits.fired.end(), position)) continue;
    undecided->push_back({indices_[position], entries_[position].condition});
  }
}

void Matcher::add_readers(const EntityIndex& index, const std::vector<std::uint32_t>& slots,
                          const Event& event, std::vector<std::uint32_t>& undecided) const {
  for (const condition::SlotId slot : slots) {
    for (const std::uint32_t position : index.readers(slot)) {
      const Entry& entry = entries_[position];
      if (!entry.kinds[static_cast<std::size_t>(event.kind)]) continue;
      const auto condition = condition::Condition::parse(entry.condition);
      if (condition.ok() && condition->test(event) == condition::Truth::Error) {
        undecided.push_back(position);
      }
    }
  }
}

std::size_t Matcher::candidates(std::string_view entity, EventKind kind) const {
  const auto at = static_cast<std::size_t>(kind);
  const EntityIndex* own = of_entity(entity);
  return any_entity_->candidates[at] + (own == nullptr ? 0 : own->candidates[at]);
}

std::vector<MissingPath> Matcher::missing_paths() const {
  std::vector<MissingPath> out;
  any_entity_->report(std::string(kAnyEntity), out);
  for (const auto& [entity, index] : by_entity_) index->report(entity, out);
  std::sort(out.begin(), out.end(), [](const MissingPath& a, const MissingPath& b) {
    return std::tie(a.entity, a.path) < std::tie(b.entity, b.path);
  });
  return out;
}

}  // namespace observerd::matcher
