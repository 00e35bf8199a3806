#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "common/http_types.hpp"
#include "observerd/sdk/result.hpp"

namespace observerd::common {

/// Status codes, first to last.
struct StatusRange {
  int first = 0;
  int last = 0;
  bool contains(int status) const { return first <= status && status <= last; }
};

/// What one receiver means by its codes, where that differs from the table below.
struct StatusOverrides {
  std::vector<StatusRange> success, retry, permanent;
};

/// What an answer, or its absence, means:
///
/// | answer | outcome, code |
/// |---|---|
/// | 2xx | DELIVERED |
/// | 3xx | REJECTED `redirect`: never followed; the message names the host it points to |
/// | 401 403 407 | MISCONFIGURED `http_401` … |
/// | 408 421 425 429, 5xx but 501 and 505 | RETRY; 429 and 503 with Retry-After THROTTLED |
/// | 410 | GONE |
/// | 501 505, other 4xx | REJECTED `http_404` … |
/// | no such name, bad certificate, refused address | MISCONFIGURED |
/// | no way to the proxy | UNAVAILABLE `proxy_error`: not the receiver's doing |
/// | the proxy refuses: 401 403 407, other | MISCONFIGURED `proxy_407` …, RETRY `proxy_503` … |
/// | everything else without a complete answer | RETRY: what the receiver did is unknown |
///
/// An answer that is too long counts by its status: the receiver has decided. `now` is for a
/// Retry-After that is a date. Messages hold the status and up to 200 bytes of the answer.
sdk::Result classify(const Response& response, WallTime now, const StatusOverrides& overrides = {});

/// The first `most` bytes of a text from outside, fit for a log line: whole UTF-8 characters, no
/// control characters, runs of white space as one space.
std::string excerpt(std::string_view text, std::size_t most);

}  // namespace observerd::common
