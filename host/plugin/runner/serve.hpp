#pragma once

namespace observerd::plugin {

/// The runner process: confines itself, loads the library that it was given, and does what the host
/// asks through the socket until that closes. Returns the exit status; only the process's main may
/// call it, first of all. Says so and returns 2 when it was started by hand.
int serve_plugin();

}  // namespace observerd::plugin
