#pragma once

namespace observerd::check {

/// _exit, or exit with its handlers, of a process below the checker. In instrumented builds it
/// writes the coverage counters first, and keeps leaks of the tested plugin from counting as the
/// checker's: other tests find them, and name them.
[[noreturn]] void leave(int code, bool with_handlers = false);

}  // namespace observerd::check
