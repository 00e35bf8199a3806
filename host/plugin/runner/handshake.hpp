#pragma once

#include "base/clock.hpp"
#include "plugin/negotiation.hpp"
#include "plugin/runner/process.hpp"

namespace observerd::plugin {

/// How long a library may take to load and describe itself.
inline constexpr Milliseconds load_limit{20'000};

/// Has a runner that was just started load its library. Gives what the library says of itself,
/// checked as though it came from this process. Errors are OB016; the runner is at its end then.
Result<PluginFacts> shake_hands(RunnerProcess& process, const RunnerProgram& program);

/// What the library says of itself, from a runner that is started and ended for that.
Result<PluginFacts> describe_library(const RunnerProgram& program);

}  // namespace observerd::plugin
