#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "capture/capture.hpp"

/// Captured tables as JSON: what `observerd capture … --json` prints and the HTTP API answers. The
/// shapes are in config/schema.
namespace observerd::app::views {

/// The observers that the triggers serve with changes of one kind.
std::vector<std::string> served(const capture::Pushdown& pushdown, EventKind kind);
/// What a table lets through, by kind; empty when every change is captured.
json::Value filters_json(const capture::Pushdown& pushdown);

json::Value to_json(const capture::Captured& captured);
/// With the filters of each.
json::Value to_json(const std::vector<capture::Captured>& captured);

Result<json::Value> list_captures(postgres::Connection& connection);

}  // namespace observerd::app::views
