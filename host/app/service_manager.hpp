#pragma once

#include <string>

namespace observerd::app {

/// Tells the service manager how we are (sd_notify(3): "READY=1", "STATUS=…"). The protocol is one
/// datagram to $NOTIFY_SOCKET: too little to depend on a library for. Does nothing without one.
void notify_service_manager(const std::string& state);

}  // namespace observerd::app
