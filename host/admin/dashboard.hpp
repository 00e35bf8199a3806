#pragma once

#include "admin/message.hpp"

namespace observerd::admin {

/// The dashboard: one page that asks /api/v1 for everything it shows. It holds no data, so it needs
/// no token. Its policy allows the inline style and script by a nonce of this answer, requests to
/// this server, and nothing else.
HttpResponse dashboard();

}  // namespace observerd::admin
