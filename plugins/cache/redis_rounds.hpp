#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cache/redis_tasks.hpp"

/// What takes several rounds because keys must be found before they can be removed.
namespace observerd::cache {

/// Walks over all keys of every master with SCAN and removes those that match, round by round.
/// Keys written or moved to another node during the walk may be missed, as SCAN promises no more.
std::unique_ptr<Task> make_pattern_task(const TaskContext& context, const std::string& pattern);

/// Walks over the set of keys of a tag with SSCAN and removes those keys and their entries. On one
/// server each portion is removed in one transaction, so that a key written meanwhile (with its
/// entry, or before it) is either removed or keeps its entry. In a cluster key and set are on
/// different servers: the keys are removed before their entries, so that an interruption loses
/// none, and once more after them, so that one written in between does not stay without its entry.
std::unique_ptr<Task> make_tag_task(const TaskContext& context, const std::string& tag);

}  // namespace observerd::cache
