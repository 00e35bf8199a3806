#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cache/link.hpp"

namespace observerd::cache {

/// A connection to one memcached: commands that are each answered by one line.
class MemcachedLink final : public Link {
 public:
  using Link::Link;

  /// Sends the commands in pipelines and appends a line for each. When it breaks there are fewer
  /// lines, and what is said holds for those that have none; the link must be discarded.
  std::optional<sdk::Result> exchange(const std::vector<std::string>& commands,
                                      std::vector<std::string>& lines, const Limit& limit);

 private:
  std::optional<sdk::Result> log_in() override;
};

/// What a line means, with all commands that are sent here:
///
/// | line | outcome |
/// |---|---|
/// | HD, NF (it was not there), STORED | DELIVERED |
/// | NS EX, SERVER_ERROR (out of memory and others) | RETRY |
/// | ERROR Too many open connections | RETRY `memcached_max_clients` |
/// | CLIENT_ERROR unauthenticated, authentication failure | MISCONFIGURED `memcached_auth` |
/// | ERROR: it is too old for meta commands | MISCONFIGURED `memcached_unknown_command` |
/// | SERVER_ERROR object too large | REJECTED `memcached_too_large` |
/// | CLIENT_ERROR cannot increment … | REJECTED `memcached_not_a_number` |
/// | CLIENT_ERROR, other | REJECTED `memcached_client_error` |
/// | anything else | RETRY `malformed_answer` |
sdk::Result judge_line(std::string_view line);

}  // namespace observerd::cache
