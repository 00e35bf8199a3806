#pragma once

#include <netinet/in.h>

namespace observerd::testing {

/// 127.0.0.1 and a port.
sockaddr_in loopback(int port);

/// A listening TCP socket on a free port of 127.0.0.1; the caller closes it.
struct LoopbackListener {
  int socket = -1;
  int port = 0;
};
/// Throws std::runtime_error when there is none to be had.
LoopbackListener listen_on_loopback(int backlog);

/// A port of 127.0.0.1 that nobody was using a moment ago.
int free_port();

}  // namespace observerd::testing
