#pragma once

#include <pqxx/pqxx>
#include <string>
#include <string_view>

#include "store/records.hpp"

namespace observerd::store {

/// The reverse of state_name.
ParkState parse_state(std::string_view name);

/// The columns that read_parked reads, from table alias `t` of retries.
std::string select_parked(std::string_view t);
/// A row of retries. One whose event cannot be read is Orphaned, with the reason.
Parked read_parked(const pqxx::row& row);

}  // namespace observerd::store
