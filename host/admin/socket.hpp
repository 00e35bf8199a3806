#pragma once

#include <Poco/Net/ServerSocket.h>

#include "admin/listen_address.hpp"
#include "base/status.hpp"

namespace observerd::admin {

/// A listening socket; the port that was taken for port 0 is put into `address`. OB010 otherwise.
Result<Poco::Net::ServerSocket> listen_on(ListenAddress& address, int backlog);

}  // namespace observerd::admin
