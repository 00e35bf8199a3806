#pragma once

#include "app/stored.hpp"

/// The parts of `events` that have a file of their own.
namespace observerd::app {

int events_tail(const Invocation& invocation);
int events_replay(const Invocation& invocation);

/// The filters that all of them share.
const std::vector<Option>& event_filters();
/// The cells of a line about an event: time, status, kind, entity and key, type, id.
std::vector<std::string> event_cells(const json::Value& event);

}  // namespace observerd::app
