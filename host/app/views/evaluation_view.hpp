#pragma once

#include <vector>

#include "base/json.hpp"
#include "condition/condition.hpp"
#include "event/event.hpp"

/// What a condition came to as JSON: what `observerd eval --json` prints and the HTTP API answers.
/// The shapes are in config/schema.
namespace observerd::app::views {

/// "true", "false" or "error".
const char* answer_of(const condition::Outcome& outcome);
/// `outcome`: what the condition came to for that event.
json::Value evaluation(const condition::Condition& condition, const Event& event,
                       const condition::Outcome& outcome);
json::Value explanation_json(const std::vector<condition::Explained>& lines);

}  // namespace observerd::app::views
