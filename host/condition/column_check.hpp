#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/status.hpp"
#include "condition/condition.hpp"

namespace observerd::condition {

/// A column and its PostgreSQL type as format_type() writes it: {"total", "numeric(10,2)"}.
using Column = std::pair<std::string, std::string>;

/// Holds a condition against the columns of the table whose rows it will see. Errors (OB003, with
/// the place in the condition): columns that are not there, with a near name, and comparisons and
/// calls that can never be true for columns of these types. Warnings: comparisons that are always
/// true, and columns named data, new, old or event, which a bare name does not reach. Types that
/// are not known (domains, extensions) are taken to hold anything.
Diagnostics check_columns(const Condition& condition, const std::vector<Column>& columns);

/// Why no row of such a table has anything at the path, with a near name; "" when one may.
std::string why_never_there(const FieldPath& path, const std::vector<Column>& columns);

}  // namespace observerd::condition
