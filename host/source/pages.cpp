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

/// Fills a page from the answer; `end` is where the statement would have stopped by itself.
void fill(Page& page, const pqxx::result& answer, int shard, int page_rows, std::int64_t end) {
  page.rows.reserve(answer.size());
  for (const pqxx::row& row : answer) page.rows.push_back(make_row(row, shard));
  const bool full = page.rows.size() >= static_cast<std::size_t>(page_rows);
  page.through = full ? page.rows.back().id : end;
  page.last = !full;
}

}  // namespace

std::vector<std::int64_t> Page::ids() const {
  std::vector<std::int64_t> ids;
  ids.reserve(rows.size());
  for (const OutboxRow& row : rows) ids.push_back(row.id);
  return ids;
}

Result<Page> read_page(postgres::Connection& connection, int shard, const Progress& progress,
                       int page_rows) {
  Page page;
  Status status = connection.run([&](pqxx::nontransaction& transaction) {
    const pqxx::result answer = transaction.exec_prepared(
        statement::kPage, shard, progress.cursor, progress.target->top,
        progress.target->snapshot.to_string(), progress.base.snapshot.to_string());
    fill(page, answer, shard, page_rows, progress.target->top);
    return Status();
  });
  if (!status.ok()) return status;
  return page;
}

Result<Page> read_page_again(postgres::Connection& connection, int shard, const Progress& progress,
                             const IdRanges& ranges, std::int64_t after, int page_rows) {
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
    const pqxx::result answer = transaction.exec_prepared(
        statement::kPageAgain, shard, std::max(after, group.front().first - 1), group.back().last,
        ranges_text(group), progress.base.snapshot.to_string(), progress.cursor,
        target.snapshot.to_string());
    fill(page, answer, shard, page_rows, group.back().last);
    return Status();
  });
  if (!status.ok()) return status;
  page.last = page.through >= ranges.back().last;
  return page;
}

}  // namespace observerd::source
