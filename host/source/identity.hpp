#pragma once

#include <string>

#include "postgres/connection.hpp"

namespace observerd::source {

/// The system identifier of the server (pg_control_system), "" when it keeps it to itself.
Result<std::string> server_identifier(postgres::Connection& connection);

/// OB019 when the installation was made on, or adopted by, another server than this one: then the
/// database is a restored copy, whose ledger speaks of transactions of the other server. Ok too
/// when either identifier is not known.
Status check_identity(postgres::Connection& connection);

}  // namespace observerd::source
