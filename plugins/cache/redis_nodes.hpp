#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "cache/link_pools.hpp"
#include "cache/redis_link.hpp"

namespace observerd::cache {

/// What became of one command.
using Answer = std::variant<Reply, sdk::Result>;

/// The servers that can be talked to. Thread-safe.
class RedisNodes {
 public:
  RedisNodes(const StoreSettings& settings, sdk::Host host) : links_(settings, host) {}

  /// Sends commands to one server over a kept or new link. Replies and failure as of
  /// RedisLink::exchange; a link that is broken, or whose server may be written to no more, is not
  /// kept.
  std::optional<sdk::Result> exchange(const Endpoint& node, const std::vector<Sent>& commands,
                                      std::vector<Reply>& replies, const Limit& limit);
  LinkPools<RedisLink>& links() { return links_; }

 private:
  LinkPools<RedisLink> links_;
};

/// What runs commands: one server, or a cluster.
class Redis {
 public:
  virtual ~Redis() = default;
  /// One answer for each command, in order. Commands for one server keep their order.
  virtual std::vector<Answer> run(const std::vector<Command>& commands, const Limit& limit) = 0;
  /// The servers that each hold a part of the keys.
  virtual std::variant<std::vector<Endpoint>, sdk::Result> masters(const Limit& limit) = 0;
  virtual bool is_cluster() const = 0;
};

std::unique_ptr<Redis> make_single(RedisNodes& nodes, Endpoint server);
std::unique_ptr<Redis> make_cluster(RedisNodes& nodes, std::vector<Endpoint> seeds, sdk::Host host);

}  // namespace observerd::cache
