#include "matcher/partition.hpp"

#include <algorithm>
#include <optional>

namespace observerd::matcher {

using condition::Operand;
using condition::SlotValues;
using condition::Truth;

namespace {

/// The place of a field's value among limits; nothing when it is missing or no number.
std::optional<std::int64_t> key_in_range(condition::SlotId slot, SlotValues& values, Hits& hits) {
  const Operand* value = values.get(slot);
  if (value == nullptr) return std::nullopt;
  if (value->type == json::Type::Number) return range_key(*value);
  hits.unordered.push_back(slot);
  return std::nullopt;
}

}  // namespace

const Operand* Partition::subject(const Field& field, const Event& event, SlotValues& values) {
  static const Operand changed = [] {
    Operand operand;
    operand.set(true);
    return operand;
  }();
  if (field.subject == Subject::Value) return values.get(field.slot);
  // Only updates have changes; one that lost a row is no candidate, whatever it might have been.
  if (!event.new_row || !event.old_row || values.same(field.slot, field.before)) return nullptr;
  if (field.subject == Subject::Changed) return &changed;
  return values.get(field.subject == Subject::ChangedTo ? field.slot : field.before);
}

/// Finds the postings. With many observers each step reads memory that is in no cache: so all
/// fields, then all clusters, take the same step, and what the next one reads is on its way.
void Partition::look_up(const Event& event, SlotValues& values, Probes& probes) const {
  if (probes.fields.size() < fields_.size()) probes.fields.resize(fields_.size());
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    const Operand* value = subject(fields_[i], event, values);
    Probes::Field& probe = probes.fields[i];
    probe.there = value != nullptr && value->json == nullptr;
    if (probe.there) fields_[i].symbols.prepare(*value, probe.key);
  }
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    Probes::Field& probe = probes.fields[i];
    probe.symbol = probe.there ? fields_[i].symbols.find(probe.key) : Symbols::kNone;
  }
  probes.keys.assign(clusters_.size(), 0);
  for (std::size_t i = 0; i < clusters_.size(); ++i) {
    const auto& [first, second] = clusters_[i].fields;
    std::uint64_t key = probes.fields[first].symbol;
    if (second != kNone && key != Symbols::kNone) {
      const std::uint64_t other = probes.fields[second].symbol;
      key = other == Symbols::kNone ? 0 : key | other << 32;
    }
    probes.keys[i] = key;
    if (key != 0) clusters_[i].postings.prefetch(key);
  }
  probes.runs.clear();
  for (std::size_t i = 0; i < clusters_.size(); ++i) {
    if (probes.keys[i] == 0) continue;
    const std::uint32_t run = clusters_[i].postings.find(probes.keys[i]);
    if (run == KeyMap::kNone) continue;
    __builtin_prefetch(&runs_[run]);
    probes.runs.push_back(run);
  }
}

void Partition::match(const Event& event, SlotValues& values, Probes& probes, Hits& hits) const {
  if (empty()) return;
  if (unkeyed_ != kNone) __builtin_prefetch(&runs_[unkeyed_]);
  look_up(event, values, probes);
  for (const std::uint32_t run : probes.runs) __builtin_prefetch(&targets_[runs_[run].begin]);
  if (unkeyed_ != kNone) match_posting(unkeyed_, event, values, hits);
  for (const std::uint32_t run : probes.runs) match_posting(run, event, values, hits);
}

void Partition::match_posting(std::uint32_t index, const Event& event, SlotValues& values,
                              Hits& hits) const {
  // Runs of one range are neighbours: the field is read once for all.
  std::uint32_t last_range = kNone;
  std::optional<std::int64_t> key;
  for (const Run* run = &runs_[index];; ++run) {
    if (run->range != kNone) {
      if (run->range != last_range) {
        last_range = run->range;
        key = key_in_range(last_range, values, hits);
      }
      if (key) match_range(*run, *key, event, values, hits);
    } else {
      const Truth gate = run->gate == kNone ? Truth::True : programs_[run->gate].run(event, values);
      if (gate == Truth::True && !run->has_rests) {
        hits.fired.insert(hits.fired.end(), targets_.begin() + run->begin,
                          targets_.begin() + run->end);
      } else if (gate != Truth::False) {
        for (std::uint32_t at = run->begin; at < run->end; ++at) {
          add(*run, at, gate == Truth::Error, event, values, hits);
        }
      }
    }
    if (run->last) return;
  }
}

/// The run is sorted by lower limits: those that are low enough come first. Among them whole blocks
/// whose upper limits are all too low are passed over.
void Partition::match_range(const Run& run, std::int64_t key, const Event& event,
                            SlotValues& values, Hits& hits) const {
  const std::int64_t* const least = least_.data() + run.first_limit;
  const std::int64_t* const most = most_.data() + run.first_limit;
  const std::uint32_t size = run.end - run.begin;
  const auto low_enough =
      static_cast<std::uint32_t>(std::upper_bound(least, least + size, key) - least);
  bool gate_known = run.gate == kNone;
  bool undecided = false;
  for (std::uint32_t block = 0; block < low_enough; block += kBlock) {
    if (block_most_[run.first_block + block / kBlock] < key) continue;
    const std::uint32_t end = std::min(block + kBlock, low_enough);
    for (std::uint32_t i = block; i < end; ++i) {
      if (most[i] < key) continue;
      if (!gate_known) {
        const Truth gate = programs_[run.gate].run(event, values);
        if (gate == Truth::False) return;
        undecided = gate == Truth::Error;
        gate_known = true;
      }
      add(run, run.begin + i, undecided, event, values, hits);
    }
  }
}

/// One conjunction of which all but the rest is true, or undecided.
void Partition::add(const Run& run, std::uint32_t target, bool undecided, const Event& event,
                    SlotValues& values, Hits& hits) const {
  if (run.has_rests && rests_[target] != kNone) {
    const Truth rest = programs_[rests_[target]].run(event, values);
    if (rest == Truth::False) return;
    undecided = undecided || rest == Truth::Error;
  }
  (undecided ? hits.undecided : hits.fired).push_back(targets_[target]);
}

}  // namespace observerd::matcher
