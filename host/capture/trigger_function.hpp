#pragma once

#include <string>

#include "capture/trigger_sql.hpp"

namespace observerd::capture {

/// The body of a table's trigger function, in PL/pgSQL: what turns a change into a row of the
/// outbox. Which changes reach it is up to the triggers.
std::string trigger_function_body(const TriggerPlan& plan);

}  // namespace observerd::capture
