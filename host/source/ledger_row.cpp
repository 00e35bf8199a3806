#include "source/ledger_row.hpp"

#include <array>
#include <string_view>

#include "source/numbers.hpp"

namespace observerd::source {
namespace {

enum Column : pqxx::row_size_type {
  kShard,
  kGeneration,
  kEpoch,
  kTakeover,
  kBaseSnapshot,
  kBaseSequence,
  kBaseTop,
  kBaseFloors,
  kTargetSnapshot,
  kTargetSequence,
  kTargetTop,
  kTargetFloors,
  kCursor,
  kPending,
  kColumns
};

constexpr std::array<const char*, kColumns> kNames{
    "shard",         "generation",    "epoch",       "takeover",        "base_snapshot",
    "base_sequence", "base_top",      "base_floors", "target_snapshot", "target_sequence",
    "target_top",    "target_floors", "cursor",      "pending"};

std::string_view text_of(const pqxx::row& row, Column column) {
  const pqxx::field field = row[column];
  return {field.c_str(), field.size()};
}

Result<Position> read_position(const pqxx::row& row, Column first) {
  const auto column = [first](int offset) { return static_cast<Column>(first + offset); };
  Position position;
  Result<Snapshot> snapshot = parse_snapshot(text_of(row, first));
  if (!snapshot.ok()) return snapshot.status();
  Result<std::vector<std::int64_t>> floors = parse_array(text_of(row, column(3)));
  if (!floors.ok()) return floors.status();
  position.snapshot = *std::move(snapshot);
  position.sequence = number_or<std::int64_t>(text_of(row, column(1)), -1);
  position.top = number_or<std::int64_t>(text_of(row, column(2)), -1);
  position.floors = *std::move(floors);
  if (position.floors.size() != position.snapshot.xip.size() || position.sequence < 0 ||
      position.top < position.sequence) {
    return Status::error(Code::Storage, "a position of the ledger makes no sense");
  }
  return position;
}

void write_position(std::string& out, const Position& position) {
  out += ",'" + position.snapshot.to_string() + "'::pg_snapshot," +
         std::to_string(position.sequence) + "::bigint," + std::to_string(position.top) +
         "::bigint,'" + array_text(position.floors) + "'::bigint[]";
}

}  // namespace

std::string ledger_row_columns() {
  std::string columns;
  for (const char* name : kNames) {
    if (!columns.empty()) columns += ", ";
    columns += name;
  }
  return columns;
}

Result<LedgerRow> read_ledger_row(const pqxx::row& row) {
  LedgerRow result;
  result.shard = number_or(text_of(row, kShard), -1);
  result.generation = number_or<std::int64_t>(text_of(row, kGeneration), -1);
  result.epoch = number_or<std::uint64_t>(text_of(row, kEpoch), 0);
  result.takeover = text_of(row, kTakeover) == "t";
  Result<Position> base = read_position(row, kBaseSnapshot);
  if (!base.ok()) return base.status();
  result.progress.base = *std::move(base);
  if (!row[kTargetSnapshot].is_null()) {
    Result<Position> target = read_position(row, kTargetSnapshot);
    if (!target.ok()) return target.status();
    result.progress.target = *std::move(target);
  }
  result.progress.cursor = number_or<std::int64_t>(text_of(row, kCursor), -1);
  Result<IdRanges> pending = parse_ranges(text_of(row, kPending));
  if (!pending.ok()) return pending.status();
  result.pending = *std::move(pending);
  if (result.shard < 0 || result.generation < 0 || result.progress.cursor < 0) {
    return Status::error(Code::Storage, "a row of the ledger makes no sense");
  }
  return result;
}

std::string ledger_row_values(const LedgerRow& row) {
  std::string out = '(' + std::to_string(row.shard) + "::smallint," +
                    std::to_string(row.generation) + "::bigint," + std::to_string(row.epoch) +
                    "::bigint," + (row.takeover ? "true" : "false");
  write_position(out, row.progress.base);
  if (row.progress.target.has_value()) {
    write_position(out, *row.progress.target);
  } else {
    out += ",NULL::pg_snapshot,NULL::bigint,NULL::bigint,NULL::bigint[]";
  }
  out += ',' + std::to_string(row.progress.cursor) + "::bigint,'" + ranges_text(row.pending) +
         "'::int8multirange)";
  return out;
}

}  // namespace observerd::source
