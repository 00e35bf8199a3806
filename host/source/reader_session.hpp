#pragma once

#include "postgres/connection.hpp"

namespace observerd::source {

/// Names of the statements that prepare_session() prepares; the parameters are given there.
namespace statement {
inline constexpr const char* kLook = "observerd_look";
inline constexpr const char* kFence = "observerd_fence";
inline constexpr const char* kSnapshot = "observerd_snapshot";
inline constexpr const char* kPage = "observerd_page";
inline constexpr const char* kSizedPage = "observerd_sized_page";
inline constexpr const char* kPageAgain = "observerd_page_again";
inline constexpr const char* kSizedPageAgain = "observerd_sized_page_again";
}  // namespace statement

/// The statement that pins what the planner may do with the outbox: a segment is never vacuumed, so
/// it has no statistics, and left to itself the planner would sort all of it for every page. Local:
/// for the present transaction.
std::string plan_settings(bool local);

/// Pins the plans of a session that reads the outbox; also makes its commits asynchronous and has
/// the server notice within 15 seconds that we vanished.
Status pin_session(postgres::Connection& connection);

/// Makes a fresh connection one to read the outbox with: pins the session, prepares the statements
/// and listens to the wake-up channel.
Status prepare_session(postgres::Connection& connection);

}  // namespace observerd::source
