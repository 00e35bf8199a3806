#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "condition/condition.hpp"
#include "event/event.hpp"

namespace observerd::app {

/// Reads an event from a file, or from standard input for "-". Errors name the file and the place.
Result<Event> read_event(const std::string& file);

json::Value explanation_json(const std::vector<condition::Explained>& lines);
void print_explanation(std::ostream& out, const std::vector<condition::Explained>& lines,
                       const std::string& indent);

}  // namespace observerd::app
