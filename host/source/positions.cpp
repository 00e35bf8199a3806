#include "source/positions.hpp"

#include "source/numbers.hpp"
#include "source/reader_session.hpp"

namespace observerd::source {
namespace {

std::string_view text_of(const pqxx::row& row, pqxx::row_size_type column) {
  return {row[column].c_str(), row[column].size()};
}

}  // namespace

Result<Look> Positions::look(postgres::Connection& connection) const {
  Look look;
  Status status = connection.run([&](pqxx::nontransaction& transaction) {
    const pqxx::row row = transaction.exec_prepared1(statement::kLook);
    look.sequence = number_or<std::int64_t>(text_of(row, 0), 0);
    Result<Snapshot> snapshot = parse_snapshot(text_of(row, 1));
    if (snapshot.ok()) look.snapshot = *std::move(snapshot);
    return snapshot.status();
  });
  if (!status.ok()) return status;
  return look;
}

Result<Position> Positions::next(postgres::Connection& connection, const Position& base,
                                 const Look& look, std::optional<std::int64_t>* toast_bytes) const {
  Status status = fence(connection);
  if (!status.ok()) return status;
  Position next;
  status = connection.run([&](pqxx::nontransaction& transaction) {
    const pqxx::row row = transaction.exec_prepared1(statement::kSnapshot);
    Result<Snapshot> snapshot = parse_snapshot(text_of(row, 0));
    if (!snapshot.ok()) return snapshot.status();
    next = next_position(base, look.sequence, *std::move(snapshot),
                         number_or<std::int64_t>(text_of(row, 1), 0));
    if (toast_bytes != nullptr) {
      *toast_bytes = row[2].is_null() ? std::nullopt : std::optional(row[2].as<std::int64_t>());
    }
    return Status();
  });
  if (!status.ok()) return status;
  return next;
}

Status Positions::fence(postgres::Connection& connection) const {
  return connection.run([](pqxx::nontransaction& transaction) {
    transaction.exec_prepared1(statement::kFence);  // alone, so it commits
    return Status();
  });
}

}  // namespace observerd::source
