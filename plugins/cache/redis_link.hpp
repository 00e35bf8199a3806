#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "cache/link.hpp"
#include "cache/resp.hpp"
#include "observerd/plugin.hpp"

namespace observerd::cache {

/// One command, and where it belongs in a cluster.
struct Command {
  std::vector<std::string> words;
  int slot = -1;                 ///< of its key; -1: it has none
  std::optional<Endpoint> node;  ///< where it must go whatever its slot
};

/// A command as one link sends it.
struct Sent {
  const Command* command;
  bool is_asking = false;  ///< after ASK: with ASKING before it
};

/// A connection to one Redis server.
class RedisLink final : public Link {
 public:
  using Link::Link;

  /// Sends the commands in pipelines and appends a reply for each. When it breaks there are fewer
  /// replies, and what is said holds for those that have none; the link must be discarded.
  std::optional<sdk::Result> exchange(const std::vector<Sent>& commands,
                                      std::vector<Reply>& replies, const Limit& limit);

 private:
  std::optional<sdk::Result> log_in() override;
  std::optional<sdk::Result> insist(const std::vector<std::string>& words);
};

}  // namespace observerd::cache
