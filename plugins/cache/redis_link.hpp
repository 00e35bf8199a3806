#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/resp.hpp"
#include "cache/settings.hpp"
#include "cache/stream.hpp"
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

/// A connection to one Redis server, logged in; dialled at first use, and again when it has ended
/// while it was idle. Used by one thread.
class RedisLink {
 public:
  RedisLink(const StoreSettings& settings, Endpoint endpoint, sdk::Host host)
      : settings_(settings), endpoint_(std::move(endpoint)), host_(host) {}

  /// Sends the commands in pipelines and appends a reply for each. When it breaks there are fewer
  /// replies, and what is said holds for those that have none; the link must be discarded.
  std::optional<sdk::Result> exchange(const std::vector<Sent>& commands,
                                      std::vector<Reply>& replies, const Limit& limit);

 private:
  std::optional<sdk::Result> open(const Limit& limit);
  std::optional<sdk::Result> log_in();
  std::optional<Reply> ask(const std::vector<std::string>& words);
  sdk::Result broken() const;

  const StoreSettings& settings_;
  const Endpoint endpoint_;
  const sdk::Host host_;
  std::unique_ptr<Stream> stream_;
  std::optional<WireReader> reader_;
};

}  // namespace observerd::cache
