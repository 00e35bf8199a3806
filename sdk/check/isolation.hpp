#pragma once

#include <sys/types.h>

namespace observerd::check {

/// A process of its own for what a test runs: where the kernel permits it, in process and network
/// namespaces of its own, in which nothing but a loopback interface exists and from which no
/// process outside can be seen, let alone killed. Best effort: containers often forbid it.
struct Isolation {
  bool processes = false;  ///< the new process is number 1: when it ends, all below it end
  bool network = false;    ///< no network but an own loopback interface
};

/// fork(), isolated as far as permitted: returns 0 in the new process. `isolation` says in both how
/// far that is. With `share_network` the network stays the machine's. -1 and errno on failure.
pid_t fork_isolated(bool share_network, Isolation& isolation);

}  // namespace observerd::check
