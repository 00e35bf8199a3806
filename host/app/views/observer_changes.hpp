#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "config/settings.hpp"
#include "postgres/connection.hpp"

/// Pausing and resuming observers: `observerd observers pause|resume` and the HTTP API.
namespace observerd::app::views {

/// What is wrong with NAME or NAME/ACTION by the configuration, with what may have been meant; ""
/// when nothing is. What is misspelt pauses nothing; what has left the configuration can still be
/// resumed.
std::string problem_of_target(const std::string& target, const config::Settings& settings);

struct ObserverChange {
  std::string target;
  bool changed = false;  ///< false: it was so already
};
json::Value to_json(const std::vector<ObserverChange>& changes);

/// Each target that was not paused already is, by an operator.
Result<std::vector<ObserverChange>> pause_observers(postgres::Connection& connection,
                                                    const std::vector<std::string>& targets,
                                                    const std::string& reason);
/// A bare NAME also ends the pauses of its single actions.
Result<std::vector<ObserverChange>> resume_observers(postgres::Connection& connection,
                                                     const std::vector<std::string>& targets);

}  // namespace observerd::app::views
