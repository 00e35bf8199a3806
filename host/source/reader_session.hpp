#pragma once

#include "postgres/connection.hpp"

namespace observerd::source {

/// Names of the statements that prepare_session() prepares; the parameters are given there.
namespace statement {
inline constexpr const char* kLook = "observerd_look";
inline constexpr const char* kFence = "observerd_fence";
inline constexpr const char* kSnapshot = "observerd_snapshot";
inline constexpr const char* kPage = "observerd_page";
inline constexpr const char* kPageAgain = "observerd_page_again";
inline constexpr const char* kLock = "observerd_lock";
inline constexpr const char* kUnlock = "observerd_unlock";
}  // namespace statement

/// Makes a fresh connection one to read the outbox with: prepares the statements, listens to the
/// wake-up channel and pins the plan. A segment is never vacuumed, so it has no statistics, and
/// left to itself the planner would sort all of it for every page.
Status prepare_session(postgres::Connection& connection, int page_rows);

}  // namespace observerd::source
