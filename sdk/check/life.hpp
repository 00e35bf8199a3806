#pragma once

#include <functional>

#include "check/session.hpp"

namespace observerd::check {

/// The whole life of each type, all of it on this thread: open, start, batches of one and of some
/// items, preview, probe, stop, close. `judge` looks at each batch.
using JudgeBatch = std::function<void(Session& session, BatchDouble& batch)>;
void live(Trial& trial, Shape shape = {}, const JudgeBatch& judge = {});

}  // namespace observerd::check
