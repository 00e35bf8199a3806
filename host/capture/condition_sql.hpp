#pragma once

#include <string>
#include <vector>

#include "capture/bound.hpp"
#include "capture/row_columns.hpp"
#include "condition/tree.hpp"
#include "event/event.hpp"

namespace observerd::capture {

/// What the condition is compiled for: changes of one kind of one captured table.
struct ChangeOf {
  EventKind kind = EventKind::Insert;  ///< not Custom
  std::string entity;
  const std::vector<RowColumn>* columns = nullptr;
};

/// SQL over the rows NEW and OLD that is true whenever the condition fires for the change, and
/// perhaps more often: what SQL cannot say alike counts as true. It never raises an error and is
/// never NULL. A column that the table does not have counts as unknown, since it may be added.
Bound condition_sql(const condition::Node& condition, const ChangeOf& change);

}  // namespace observerd::capture
