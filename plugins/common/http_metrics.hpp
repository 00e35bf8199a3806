#pragma once

#include "common/http_types.hpp"
#include "observerd/plugin.hpp"

namespace observerd::common {

/// Tells the host about one request. Every HTTP-shaped action type has the same metrics:
///
/// | name | kind, labels | counts |
/// |---|---|---|
/// | `requests_total` | counter, `answer`: 2xx 3xx 4xx 5xx none | requests by class of their answer
/// | | `connections_total` | counter, `use`: new kept | requests by the connection they went over |
/// | `connect_seconds` | histogram | time until a new connection (with TLS) stood |
/// | `sent_bytes_total`, `received_bytes_total` | counter | bytes of bodies |
///
/// A request that never had a connection counts in `requests_total` only.
void count_request(const sdk::Host& host, const Response& response);

}  // namespace observerd::common
