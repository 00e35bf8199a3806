#pragma once

#include <cstdint>

#include "base/status.hpp"

namespace observerd::plugin {

/// Address space beyond the memory limit: for what is mapped but not private memory (libraries,
/// what allocators and stacks reserve).
inline constexpr std::uint64_t address_space_beyond_memory = std::uint64_t{2} << 30;

/// Bounds what this process may allocate to `memory_bytes`, and forbids core files: they would hold
/// secrets. Async-signal-safe, for between fork and exec. False with errno when it fails.
bool limit_resources(std::uint64_t memory_bytes);

/// Gives up, for good and for every later thread, what an action never needs: capabilities, new
/// privileges, other processes and their memory, programs, kernel features. What exactly:
/// README.md. To be called before any other thread is started. An error means that the process must
/// not run a plugin.
Status enter_sandbox();

/// For the host, before it starts a runner: where Landlock cannot keep runners from looking into
/// the host by way of /proc (no such kernel, or a filter of system calls that the host itself is
/// under), the host becomes not dumpable, which keeps them away as well, and costs its core files.
void hide_from_runners();

}  // namespace observerd::plugin
