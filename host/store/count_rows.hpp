#pragma once

#include <cstdint>
#include <string>

#include "base/status.hpp"
#include "postgres/connection.hpp"
#include "store/where.hpp"

namespace observerd::store {

/// How many rows of `from` (such as " FROM x AS t") fulfil the conditions. `what` names them in an
/// error (OB019): "dead letters". Internal to host/store.
Result<std::int64_t> count_rows(postgres::Connection& connection, const std::string& from,
                                const Where& where, const std::string& what);

}  // namespace observerd::store
