#pragma once

#include <string>

#include "base/status.hpp"
#include "postgres/connection.hpp"

namespace observerd::postgres {

/// What the user's URL says, completed with our defaults.
struct Conninfo {
  std::string text;      ///< for PQconnectdb; holds the password
  std::string target;    ///< for people: database "app" at db.example.com:5432
  std::string password;  ///< to be kept out of messages; empty when the URL has none
};

/// Parses options.url (URI or keywords). What the URL says wins over our defaults, except for the
/// client encoding. OB009 when it cannot be parsed; libpq's own message is not passed on then,
/// because it quotes pieces of the URL, which may be pieces of the password.
Result<Conninfo> make_conninfo(const Options& options);

/// The Status of a connection attempt that failed with `reason` (libpq's text): what happened and
/// what to do, without the password.
Status connect_failure(const Conninfo& conninfo, std::string reason);

}  // namespace observerd::postgres
