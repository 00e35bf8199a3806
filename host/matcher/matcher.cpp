#include "matcher/matcher.hpp"

#include <algorithm>
#include <limits>

namespace observerd::matcher {
namespace {

constexpr std::string_view kAnyEntity = "*";
constexpr EventKind kAllKinds[] = {EventKind::Insert, EventKind::Update, EventKind::Delete,
                                   EventKind::Custom};

}  // namespace

Matcher::Matcher(std::span<const Rule> rules) {
  entries_.reserve(rules.size());
  for (const Rule& rule : rules) {
    if (!rule.enabled) continue;
    const auto position = static_cast<std::uint32_t>(entries_.size());
    entries_.push_back({rule.condition, rule.index});
    ByKind& postings = rule.entity == kAnyEntity ? any_entity_ : by_entity_[rule.entity];
    for (const EventKind kind : kAllKinds) {
      const bool wanted = rule.kinds.empty() ||
                          std::find(rule.kinds.begin(), rule.kinds.end(), kind) != rule.kinds.end();
      if (wanted) postings[static_cast<std::size_t>(kind)].push_back(position);
    }
  }
}

const Matcher::Postings& Matcher::of_entity(std::string_view entity, EventKind kind) const {
  static const Postings none;
  const auto found = by_entity_.find(entity);
  return found == by_entity_.end() ? none : found->second[static_cast<std::size_t>(kind)];
}

void Matcher::match(const Event& event, std::vector<std::size_t>& fired,
                    std::vector<Undecided>* undecided) const {
  const Postings& own = of_entity(event.entity, event.kind);
  const Postings& any = any_entity_[static_cast<std::size_t>(event.kind)];
  constexpr auto kEnd = std::numeric_limits<std::uint32_t>::max();
  std::size_t i = 0;
  std::size_t k = 0;
  // Both lists are ascending: merged they are in the order of the configuration.
  while (i < own.size() || k < any.size()) {
    const std::uint32_t next_own = i < own.size() ? own[i] : kEnd;
    const std::uint32_t next_any = k < any.size() ? any[k] : kEnd;
    const Entry& entry = entries_[next_own < next_any ? own[i++] : any[k++]];
    switch (entry.condition.test(event)) {
      case condition::Truth::True:
        fired.push_back(entry.index);
        break;
      case condition::Truth::Error:
        if (undecided != nullptr) undecided->push_back({entry.index, &entry.condition});
        break;
      case condition::Truth::False:
        break;
    }
  }
}

std::size_t Matcher::candidates(std::string_view entity, EventKind kind) const {
  return of_entity(entity, kind).size() + any_entity_[static_cast<std::size_t>(kind)].size();
}

}  // namespace observerd::matcher
