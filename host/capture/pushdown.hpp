#pragma once

#include <array>
#include <string>
#include <vector>

#include "capture/bound.hpp"
#include "capture/row_columns.hpp"
#include "condition/condition.hpp"
#include "event/event.hpp"

namespace observerd::capture {

/// What capturing needs to know of a configured observer.
struct Interest {
  std::string name;
  std::string entity;            ///< "*" for all
  std::vector<EventKind> kinds;  ///< empty for all
  condition::Condition condition;
  bool enabled = true;
};

/// The changes of one kind that one observer can match.
struct Share {
  EventKind kind = EventKind::Insert;
  std::string observer;
  std::string condition;  ///< canonical text
  std::string predicate;  ///< SQL over NEW and OLD; "true" for every change of that kind
};

/// Which changes of a table are worth capturing. A plain value.
struct Pushdown {
  bool pushed = false;        ///< false: every change is captured
  std::string why_not;        ///< when it is not pushed: one clause, for people
  std::vector<Share> shares;  ///< by kind, then in the order of the configuration

  /// What lets a change of that kind through: any of its shares. always() when not pushed.
  Bound filter(EventKind kind) const;
  bool excludes_anything() const;
};

/// The kinds that a change of a table can be.
inline constexpr std::array<EventKind, 3> kChangeKinds = {EventKind::Insert, EventKind::Update,
                                                          EventKind::Delete};

/// Compiles the conditions of those who look at `entity` to SQL. What it lets through is at least
/// what one of them fires on; see README.md on what is pushed and what is not. Pure.
Pushdown pushdown(const std::string& entity, const std::vector<RowColumn>& columns,
                  const std::vector<Interest>& observers);

/// The names of the observers whose changes `installed` does not let through as `wanted` does; none
/// when everything is captured.
std::vector<std::string> starved_by(const Pushdown& installed, const Pushdown& wanted);

}  // namespace observerd::capture
