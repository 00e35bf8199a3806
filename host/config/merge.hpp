#pragma once

#include "base/json.hpp"
#include "config/section.hpp"

namespace observerd::config {

/// Reports what can only be seen in one file before it is merged: a member that is there twice, a
/// section of the wrong type, which is then taken out of the document. False when one was.
bool check_document(const Reading& reading, json::Value& document);

/// Merges a later file into the earlier ones: objects member by member, `observers` and
/// `plugins.directories` append, anything else is replaced. A reference is a value, never merged;
/// `x_env` replaces `x` and the other way round.
void merge_document(json::Value& base, json::Value later);

}  // namespace observerd::config
