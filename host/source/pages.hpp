#pragma once

#include <optional>
#include <vector>

#include "postgres/connection.hpp"
#include "source/id_ranges.hpp"
#include "source/position.hpp"
#include "source/source.hpp"

namespace observerd::source {

/// How much to read at once.
struct PageLimit {
  int rows = 1000;
  /// When set, the page ends with the row that reaches so many bytes. Counting costs a third more.
  std::optional<std::int64_t> bytes;
};

/// A page of rows in id order.
struct Page {
  std::vector<OutboxRow> rows;
  bool cut = false;  ///< it ended because of its bytes
  /// Every row that was asked for and has an id up to here is in `rows`.
  std::int64_t through = 0;
  bool last = false;  ///< nothing is left behind `through`

  std::vector<std::int64_t> ids() const;
};

/// Chooses the limit of each page, so that a page of large rows does not fill the memory and a page
/// of ordinary ones costs nothing more. Large rows lie in TOAST tables: while those are small, a
/// page of any rows is, unless they compress far better than JSON does; that shows in what was
/// read.
class PageSizer {
 public:
  PageSizer(int rows, std::int64_t bytes) : rows_(rows), bytes_(bytes), sized_rows_(rows) {}

  /// All rows that are to be read were written when the TOAST tables had this size.
  void toast(std::int64_t bytes) { toasted_ = bytes > bytes_ / kCompression; }
  PageLimit limit() const;
  /// How the last page turned out: the next one counts bytes if a full page of such rows would be
  /// too large, and then looks at twice as many rows as this one had.
  void read(const Page& page);

 private:
  static constexpr std::int64_t kCompression = 8;  // of JSON, about

  const int rows_;
  const std::int64_t bytes_;
  bool toasted_ = true;  ///< there may be large rows
  bool large_ = false;   ///< the last ones were
  int sized_rows_;
};

/// The next rows of the open window, those after its cursor. `progress.target` must be set.
Result<Page> read_page(postgres::Connection& connection, int shard, const Progress& progress,
                       PageLimit limit);

/// Of `ranges`, rows that had been read when reading had come to `progress`, with ids above
/// `after`; `last` when it has come to the end of the ranges.
Result<Page> read_page_again(postgres::Connection& connection, int shard, const Progress& progress,
                             const IdRanges& ranges, std::int64_t after, PageLimit limit);

}  // namespace observerd::source
