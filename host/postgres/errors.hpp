#pragma once

#include <string>
#include <string_view>

#include "base/status.hpp"

namespace observerd::postgres {

/// The exception being handled as an OB009 Status: the server's sentence, its DETAIL and HINT lines
/// as notes, and a note "SQLSTATE …" when there is one. Only inside a catch block.
Status describe_current_exception();

/// True for the status of a commit of which nobody knows whether it took effect.
bool fate_unknown(const Status& status);

}  // namespace observerd::postgres
