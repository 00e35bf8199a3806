#pragma once

#include <cstdint>
#include <optional>

#include "postgres/connection.hpp"
#include "source/position.hpp"

namespace observerd::source {

/// Makes positions, by the three statements in the order on which the proof in README.md stands.
/// Without state: may be shared between threads.
class Positions {
 public:
  virtual ~Positions() = default;

  Result<Look> look(postgres::Connection& connection) const;
  /// The position after `base`, with the look's sequence as its H: so a look is the first of the
  /// three statements. `toast_bytes`, when given: how much large values there were, at least those
  /// of all rows that the position sees; nullopt when unknown.
  Result<Position> next(postgres::Connection& connection, const Position& base, const Look& look,
                        std::optional<std::int64_t>* toast_bytes = nullptr) const;

 protected:
  /// A committed transaction that got an xid of its own. Virtual for one test only, which shows
  /// that events are lost without it.
  virtual Status fence(postgres::Connection& connection) const;
};

}  // namespace observerd::source
