#pragma once

#include <vector>

#include "postgres/connection.hpp"
#include "source/id_ranges.hpp"
#include "source/position.hpp"
#include "source/source.hpp"

namespace observerd::source {

/// A page of rows in id order, at most as many as the session was prepared for.
struct Page {
  std::vector<OutboxRow> rows;
  /// Every row that was asked for and has an id up to here is in `rows`.
  std::int64_t through = 0;
  bool last = false;  ///< nothing is left behind `through`

  std::vector<std::int64_t> ids() const;
};

/// The next rows of the open window, those after its cursor. `progress.target` must be set.
Result<Page> read_page(postgres::Connection& connection, int shard, const Progress& progress,
                       int page_rows);

/// Of `ranges`, rows that had been read when reading had come to `progress`, with ids above
/// `after`; `last` when it has come to the end of the ranges.
Result<Page> read_page_again(postgres::Connection& connection, int shard, const Progress& progress,
                             const IdRanges& ranges, std::int64_t after, int page_rows);

}  // namespace observerd::source
