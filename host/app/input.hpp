#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"
#include "condition/condition.hpp"
#include "event/event.hpp"

namespace observerd::app {

/// parse_event; an event without a time is of now.
Result<Event> read_event_text(std::string_view text);
/// Reads an event from a file, or from standard input for "-". Errors name the file and the place.
Result<Event> read_event(const std::string& file);

void print_explanation(std::ostream& out, const std::vector<condition::Explained>& lines,
                       const std::string& indent);

}  // namespace observerd::app
