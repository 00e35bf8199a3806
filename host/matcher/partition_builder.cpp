#include "matcher/partition_builder.hpp"

#include <algorithm>
#include <map>
#include <tuple>

#include "condition/tree.hpp"

namespace observerd::matcher {
namespace {

using condition::Function;
using condition::Node;
using condition::NodeKind;

/// Terms that cost little and that observers are likely to share.
bool is_cheap(const Node& node) {
  switch (node.kind) {
    case NodeKind::Path:
    case NodeKind::Literal:
      return true;
    case NodeKind::Compare:
      return is_cheap(node.children[0]) && is_cheap(node.children[1]);
    case NodeKind::Call:
      return node.function == Function::HasField || node.function == Function::FieldChanged ||
             ((node.function == Function::FieldChangedTo ||
               node.function == Function::FieldChangedFrom) &&
              is_cheap(node.children[0]));
    default:
      return false;
  }
}

std::string text_of(const Term& term) {
  return (term.negated ? "!(" : "(") + condition::print(*term.node) + ')';
}

std::uint64_t pair_key(std::uint32_t a, std::uint32_t b) {
  return static_cast<std::uint64_t>(b) << 32 | a;
}

}  // namespace

void PartitionBuilder::add(std::uint32_t position, const Node& root) {
  for (Conjunction& conjunction : conjunctions(root, kind_)) {
    Draft draft;
    draft.position = position;
    draft.terms = std::move(conjunction);
    std::vector<std::pair<std::size_t, Access>> equals;
    std::vector<Range> ranges;
    for (std::size_t i = 0; i < draft.terms.size(); ++i) {
      auto access = access_of(draft.terms[i]);
      if (!access) continue;
      if (access->kind == Access::Kind::Equal) {
        if (access->keys.size() <= kMostKeys) equals.emplace_back(i, *std::move(access));
        continue;
      }
      const std::uint32_t slot = slots_.add(*access->path);
      auto range = std::find_if(ranges.begin(), ranges.end(),
                                [&](const Range& each) { return each.slot == slot; });
      if (range == ranges.end()) {
        range = ranges.insert(ranges.end(), Range());
        range->slot = slot;
      }
      range->least = std::max(range->least, access->least);
      range->most = std::min(range->most, access->most);
      range->terms.push_back(i);
    }
    find_lookups(draft, std::move(equals));
    find_range(draft, std::move(ranges));
    drafts_.push_back(std::move(draft));
  }
}

std::uint32_t PartitionBuilder::field(const Access& access) {
  const bool change = access.subject != Subject::Value;
  Partition::Field field;
  field.subject = access.subject;
  field.slot =
      slots_.add(change ? FieldPath{FieldPath::Root::New, access.path->steps} : *access.path);
  if (change) field.before = slots_.add({FieldPath::Root::Old, access.path->steps});
  const auto next = static_cast<std::uint32_t>(result_.fields_.size());
  const auto [found, added] =
      fields_.emplace(pair_key(field.slot, static_cast<std::uint32_t>(field.subject)), next);
  if (added) result_.fields_.push_back(std::move(field));
  return found->second;
}

/// Fields that must have one value each go before a list of values, and that before the mere fact
/// of a change.
void PartitionBuilder::find_lookups(Draft& draft,
                                    std::vector<std::pair<std::size_t, Access>> equals) {
  const auto rank = [](const Access& access) {
    return access.subject == Subject::Changed ? 2 : access.keys.size() > 1 ? 1 : 0;
  };
  int best = 2;
  for (const auto& [term, access] : equals) best = std::min(best, rank(access));
  for (const auto& [term, access] : equals) {
    if (rank(access) != best || (best > 0 && !draft.lookups.empty())) continue;
    Lookup lookup{field(access), term, {}};
    const bool again =
        std::any_of(draft.lookups.begin(), draft.lookups.end(),
                    [&](const Lookup& other) { return other.field == lookup.field; });
    if (again) continue;
    for (const Operand& key : access.keys) {
      lookup.symbols.push_back(result_.fields_[lookup.field].symbols.add(key));
    }
    std::sort(lookup.symbols.begin(), lookup.symbols.end());
    lookup.symbols.erase(std::unique(lookup.symbols.begin(), lookup.symbols.end()),
                         lookup.symbols.end());
    draft.lookups.push_back(std::move(lookup));
  }
}

/// A range with both limits, if there is one.
void PartitionBuilder::find_range(Draft& draft, std::vector<Range> ranges) {
  if (ranges.empty()) return;
  auto best = std::find_if(ranges.begin(), ranges.end(), [](const Range& range) {
    return range.least != kOpenBelow && range.most != kOpenAbove;
  });
  if (best == ranges.end()) best = ranges.begin();
  draft.range = std::move(*best);
}

/// The more values conditions know of a field, the fewer of them an event can have.
bool PartitionBuilder::more_selective(const Lookup& a, const Lookup& b) const {
  const std::size_t values_a = result_.fields_[a.field].symbols.size();
  const std::size_t values_b = result_.fields_[b.field].symbols.size();
  return std::tuple(values_b, a.field) < std::tuple(values_a, b.field);
}

void PartitionBuilder::choose_clusters() {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::size_t> pairs;
  for (Draft& draft : drafts_) {
    auto& lookups = draft.lookups;
    std::sort(lookups.begin(), lookups.end(),
              [this](const Lookup& a, const Lookup& b) { return more_selective(a, b); });
    if (lookups.size() > 2) lookups.resize(2);
    if (lookups.size() == 2) ++pairs[{lookups[0].field, lookups[1].field}];
  }
  std::vector<std::pair<std::size_t, std::pair<std::uint32_t, std::uint32_t>>> ranking;
  for (const auto& [pair, count] : pairs) ranking.emplace_back(count, pair);
  std::sort(ranking.rbegin(), ranking.rend());
  if (ranking.size() <= kMostPairs) return;
  for (std::size_t i = kMostPairs; i < ranking.size(); ++i) pairs.erase(ranking[i].second);
  for (Draft& draft : drafts_) {
    auto& lookups = draft.lookups;
    if (lookups.size() == 2 && !pairs.contains({lookups[0].field, lookups[1].field})) {
      lookups.pop_back();
    }
  }
}

std::uint32_t PartitionBuilder::cluster(const std::vector<Lookup>& lookups) {
  if (lookups.empty()) return kNone;
  Partition::Cluster cluster;
  for (std::size_t i = 0; i < lookups.size(); ++i) cluster.fields[i] = lookups[i].field;
  const auto next = static_cast<std::uint32_t>(result_.clusters_.size());
  const auto [found, added] =
      clusters_.emplace(pair_key(cluster.fields[0], cluster.fields[1]), next);
  if (added) result_.clusters_.push_back(std::move(cluster));
  return found->second;
}

/// Programs that mean the same are one.
std::uint32_t PartitionBuilder::program(const Conjunction& terms) {
  if (terms.empty()) return kNone;
  std::vector<std::string> texts;
  for (const Term& term : terms) texts.push_back(text_of(term));
  std::sort(texts.begin(), texts.end());
  std::string text;
  for (const std::string& each : texts) text += each;
  const auto next = static_cast<std::uint32_t>(result_.programs_.size());
  const auto [found, added] = programs_.emplace(std::move(text), next);
  if (added) result_.programs_.push_back(condition::Program::compile(terms, slots_));
  return found->second;
}

void PartitionBuilder::place(Draft& draft) {
  std::vector<bool> covered(draft.terms.size());
  for (const Lookup& lookup : draft.lookups) covered[lookup.term] = true;
  for (const std::size_t term : draft.range.terms) covered[term] = true;
  Conjunction gate;
  Conjunction rest;
  for (std::size_t i = 0; i < draft.terms.size(); ++i) {
    if (!covered[i]) (is_cheap(*draft.terms[i].node) ? gate : rest).push_back(draft.terms[i]);
  }
  if (gate.empty()) gate.swap(rest);
  Entry entry;
  entry.cluster = cluster(draft.lookups);
  entry.gate = program(gate);
  entry.rest = program(rest);
  entry.range = draft.range.slot;
  entry.least = draft.range.least;
  entry.most = draft.range.most;
  entry.position = draft.position;
  if (draft.lookups.size() == 2) {
    entry.key = pair_key(draft.lookups[0].symbols[0], draft.lookups[1].symbols[0]);
    entries_.push_back(entry);
  } else if (draft.lookups.size() == 1) {
    for (const std::uint32_t symbol : draft.lookups[0].symbols) {
      entry.key = symbol;
      entries_.push_back(entry);
    }
  } else {
    entries_.push_back(entry);
  }
}

Partition PartitionBuilder::build() {
  choose_clusters();
  entries_.reserve(drafts_.size());
  for (Draft& draft : drafts_) {
    place(draft);
    draft = Draft();
  }
  write();
  return std::move(result_);
}

void PartitionBuilder::write() {
  const auto posting = [](const Entry& entry) { return std::tuple(entry.cluster, entry.key); };
  const auto run = [](const Entry& entry) {
    return std::tuple(entry.cluster, entry.key, entry.range, entry.gate);
  };
  std::sort(entries_.begin(), entries_.end(), [&](const Entry& a, const Entry& b) {
    return std::tuple(run(a), a.least, b.most, a.position) <
           std::tuple(run(b), b.least, a.most, b.position);
  });
  result_.targets_.reserve(entries_.size());
  result_.rests_.reserve(entries_.size());
  for (std::size_t begin = 0; begin < entries_.size();) {
    const Entry& first = entries_[begin];
    const auto here = static_cast<std::uint32_t>(result_.runs_.size());
    if (first.cluster == kNone) {
      result_.unkeyed_ = here;
    } else {
      result_.clusters_[first.cluster].postings.insert(first.key, here);
    }
    while (begin < entries_.size() && posting(entries_[begin]) == posting(first)) {
      std::size_t end = begin + 1;
      while (end < entries_.size() && run(entries_[end]) == run(entries_[begin])) ++end;
      write_run(entries_, begin, end);
      begin = end;
    }
    result_.runs_.back().last = true;
  }
  std::sort(result_.clusters_.begin(), result_.clusters_.end(),
            [](const auto& a, const auto& b) { return a.fields < b.fields; });
  result_.runs_.shrink_to_fit();
  result_.programs_.shrink_to_fit();
}

void PartitionBuilder::write_run(const std::vector<Entry>& entries, std::size_t begin,
                                 std::size_t end) {
  Partition::Run run;
  run.begin = static_cast<std::uint32_t>(result_.targets_.size());
  run.end = run.begin + static_cast<std::uint32_t>(end - begin);
  run.gate = entries[begin].gate;
  run.range = entries[begin].range;
  run.first_limit = static_cast<std::uint32_t>(result_.least_.size());
  run.first_block = static_cast<std::uint32_t>(result_.block_most_.size());
  for (std::size_t i = begin; i < end; ++i) {
    result_.targets_.push_back(entries[i].position);
    result_.rests_.push_back(entries[i].rest);
    run.has_rests = run.has_rests || entries[i].rest != kNone;
    if (run.range == kNone) continue;
    if ((i - begin) % Partition::kBlock == 0) result_.block_most_.push_back(kOpenBelow);
    result_.block_most_.back() = std::max(result_.block_most_.back(), entries[i].most);
    result_.least_.push_back(entries[i].least);
    result_.most_.push_back(entries[i].most);
  }
  result_.runs_.push_back(run);
}

}  // namespace observerd::matcher
