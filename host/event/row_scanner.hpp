#pragma once

#include <string_view>
#include <vector>

#include "event/row.hpp"

namespace observerd {

/// Reads one JSON document (RFC 8259) in one pass: checks all of it and makes a node for every
/// value. False when it is not valid or nested deeper than `max_depth`; why is for json::parse to
/// say. `text` has Row::kPadding bytes behind its end that are zero. UTF-8 is checked by the caller
/// when `non_ascii` comes back true.
///
/// By hand because no reader gives places and digits of fully checked values as quickly on texts as
/// short as rows: see "Why rows are read by hand" in tests/bench/README.md.
bool scan_row(std::string_view text, int max_depth, std::vector<RowNode>& nodes, bool& non_ascii);

}  // namespace observerd
