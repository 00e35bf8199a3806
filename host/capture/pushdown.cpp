#include "capture/pushdown.hpp"

#include <algorithm>

#include "capture/condition_sql.hpp"

namespace observerd::capture {
namespace {

/// Beyond these a change costs less to capture than to look at.
constexpr std::size_t kMostPredicates = 64;
constexpr std::size_t kMostBytes = 16U << 10U;

bool takes(const Interest& observer, const std::string& entity, EventKind kind) {
  if (!observer.enabled || (observer.entity != "*" && observer.entity != entity)) return false;
  return observer.kinds.empty() ||
         std::find(observer.kinds.begin(), observer.kinds.end(), kind) != observer.kinds.end();
}

Bound bound_of(const std::string& predicate) {
  return predicate == Bound::always().sql() ? Bound::always() : Bound::when(predicate);
}

bool is_cheap(const std::vector<Share>& shares, EventKind kind) {
  std::vector<std::string> predicates;
  std::size_t bytes = 0;
  for (const Share& share : shares) {
    if (share.kind != kind) continue;
    if (std::find(predicates.begin(), predicates.end(), share.predicate) != predicates.end()) {
      continue;
    }
    predicates.push_back(share.predicate);
    bytes += share.predicate.size();
    if (predicates.size() > kMostPredicates || bytes > kMostBytes) return false;
  }
  return true;
}

}  // namespace

Bound Pushdown::filter(EventKind kind) const {
  if (!pushed) return Bound::always();
  std::vector<Bound> bounds;
  for (const Share& share : shares) {
    if (share.kind == kind) bounds.push_back(bound_of(share.predicate));
  }
  return any_of(bounds);
}

bool Pushdown::excludes_anything() const {
  return std::any_of(kChangeKinds.begin(), kChangeKinds.end(),
                     [&](EventKind kind) { return !filter(kind).is_always(); });
}

Pushdown pushdown(const std::string& entity, const std::vector<RowColumn>& columns,
                  const std::vector<Interest>& observers) {
  Pushdown out;
  out.pushed = true;
  out.why_not = "no observer excludes anything";
  for (const EventKind kind : kChangeKinds) {
    const ChangeOf change{kind, entity, &columns};
    const std::size_t first = out.shares.size();
    for (const Interest& observer : observers) {
      if (!takes(observer, entity, kind)) continue;
      const Bound bound = condition_sql(observer.condition.root(), change);
      if (bound.is_never()) continue;
      if (bound.is_always()) out.why_not = "observer \"" + observer.name + "\" may take any change";
      out.shares.push_back({kind, observer.name, observer.condition.to_string(), bound.sql()});
    }
    if (is_cheap(out.shares, kind)) continue;
    out.why_not = "its observers have too many conditions";
    for (std::size_t i = first; i < out.shares.size(); ++i) {
      out.shares[i].predicate = Bound::always().sql();
    }
  }
  if (out.excludes_anything()) {
    out.why_not.clear();
  } else {
    out.pushed = false;
  }
  return out;
}

std::vector<std::string> starved_by(const Pushdown& installed, const Pushdown& wanted) {
  std::vector<std::string> names;
  if (!installed.pushed) return names;
  const auto covered = [&](const Share& share) {
    return installed.filter(share.kind).is_always() ||
           std::any_of(installed.shares.begin(), installed.shares.end(), [&](const Share& other) {
             return other.kind == share.kind && other.predicate == share.predicate;
           });
  };
  for (const Share& share : wanted.shares) {
    if (covered(share)) continue;
    if (std::find(names.begin(), names.end(), share.observer) == names.end()) {
      names.push_back(share.observer);
    }
  }
  return names;
}

}  // namespace observerd::capture
