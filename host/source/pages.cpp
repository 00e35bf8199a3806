#include "source/pages.hpp"

#include <algorithm>

#include "source/numbers.hpp"
#include "source/reader_session.hpp"

namespace observerd::source {
namespace {

/// One statement goes through ranges whose gaps are cheaper to walk over than to start anew …
constexpr std::int64_t kWalkableGap = 5'000;
/// … and no more of them than make a parameter of reasonable size.
constexpr std::size_t kRangesPerStatement = 500;

OutboxRow make_row(const pqxx::row& row, int shard) {
  const auto view = [&row](pqxx::row_size_type column) -> std::string_view {
    const pqxx::field field = row[column];
    return {field.c_str(), field.size()};  // "" for NULL
  };
  OutboxRow result;
  result.id = number_or<std::int64_t>(view(0), 0);
  result.xid = number_or<std::uint64_t>(view(1), 0);
  result.shard = shard;
  result.kind = view(2);
  result.entity = view(3);
  result.key = view(4);
  result.old_key = view(5);
  result.type = view(6);
  result.actor = view(7);
  result.trace_parent = view(8);
  result.new_text = view(9);
  result.old_text = view(10);
  result.created_us = number_or<std::int64_t>(view(11), 0);
  return result;
}

/// Of the rows' texts, which are nearly all of it.
std::int64_t bytes_of(const Page& page) {
  std::size_t bytes = 0;
  for (const OutboxRow& row : page.rows) bytes += row.new_text.size() + row.old_text.size();
  return static_cast<std::int64_t>(bytes);
}

constexpr pqxx::row_size_type kRowsWithoutCut = 12;  // the column after those of a row

/// Runs one of the statements and fills a page; `end` is where it would have stopped by itself.
template <typename... Parameters>
Page run(pqxx::nontransaction& transaction, const char* plain, const char* sized, PageLimit limit,
         int shard, std::int64_t end, const Parameters&... parameters) {
  const pqxx::result answer =
      limit.bytes ? transaction.exec_prepared(sized, shard, parameters..., limit.rows, *limit.bytes)
                  : transaction.exec_prepared(plain, shard, parameters..., limit.rows);
  Page page;
  page.rows.reserve(answer.size());
  for (const pqxx::row& row : answer) page.rows.push_back(make_row(row, shard));
  if (limit.bytes && !answer.empty()) {
    page.cut = answer[0][kRowsWithoutCut].as<std::size_t>() > answer.size();
  }
  const bool full = page.cut || page.rows.size() >= static_cast<std::size_t>(limit.rows);
  page.through = full ? page.rows.back().id : end;
  page.last = !full;
  return page;
}

}  // namespace

std::vector<std::int64_t> Page::ids() const {
  std::vector<std::int64_t> ids;
  ids.reserve(rows.size());
  for (const OutboxRow& row : rows) ids.push_back(row.id);
  return ids;
}

PageLimit PageSizer::limit() const {
  return toasted_ || large_ ? PageLimit{sized_rows_, bytes_} : PageLimit{rows_, std::nullopt};
}

void PageSizer::read(const Page& page) {
  if (page.rows.empty()) return;
  const auto rows = static_cast<std::int64_t>(page.rows.size());
  large_ = bytes_of(page) / rows * rows_ > bytes_;
  // A page that was not cut may hold as few rows as there were.
  if (!(toasted_ || large_) || (!page.cut && page.last)) return;
  const auto twice = static_cast<int>(std::min<std::size_t>(2 * page.rows.size(), 1u << 30));
  sized_rows_ = std::clamp(twice, 1, rows_);
}

Result<Page> read_page(postgres::Connection& connection, int shard, const Progress& progress,
                       PageLimit limit) {
  Page page;
  Status status = connection.run([&](pqxx::nontransaction& transaction) {
    page = run(transaction, statement::kPage, statement::kSizedPage, limit, shard,
               progress.target->top, progress.cursor, progress.target->top,
               progress.target->snapshot.to_string(), progress.base.snapshot.to_string());
    return Status();
  });
  if (!status.ok()) return status;
  return page;
}

Result<Page> read_page_again(postgres::Connection& connection, int shard, const Progress& progress,
                             const IdRanges& ranges, std::int64_t after, PageLimit limit) {
  IdRanges group;
  for (const IdRange& range : ranges) {
    if (range.last <= after) continue;
    const bool far = !group.empty() && range.first - group.back().last > kWalkableGap;
    if (far || group.size() == kRangesPerStatement) break;
    group.push_back(range);
  }
  Page page;
  if (group.empty()) {
    page.through = after;
    page.last = true;
    return page;
  }
  // Without an open window only the base counts.
  const Position& target = progress.target.has_value() ? *progress.target : progress.base;
  Status status = connection.run([&](pqxx::nontransaction& transaction) {
    page = run(transaction, statement::kPageAgain, statement::kSizedPageAgain, limit, shard,
               group.back().last, std::max(after, group.front().first - 1), group.back().last,
               ranges_text(group), progress.base.snapshot.to_string(), progress.cursor,
               target.snapshot.to_string());
    return Status();
  });
  if (!status.ok()) return status;
  page.last = page.through >= ranges.back().last;
  return page;
}

}  // namespace observerd::source
