#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cache/operation.hpp"
#include "cache/stream.hpp"
#include "common/client_settings.hpp"

namespace observerd::cache {

class Purger;

/// The operations of one batch. Each is reported exactly once, in any order.
struct Work {
  std::vector<Operation> operations;
  std::function<void(std::size_t index, const sdk::Result& result)> report;
  Limit limit;
  std::function<bool()> is_cancelled;
};

/// One kind of cache, with its connections. Thread-safe but for start-up.
class Backend {
 public:
  virtual ~Backend() = default;
  /// Says what an action asks for that this kind cannot do. Templates are not rendered.
  virtual void check(const Operation& configured, const common::ProblemFn& problem) const = 0;
  /// What keeps its deliveries apart from those to other caches; no secret.
  virtual std::string lane() const = 0;
  virtual void deliver(Work& work) = 0;
  /// What would be sent, for a person. No network.
  virtual std::string preview(const Operation& operation) const = 0;
  /// "" when it can be reached with these credentials, otherwise why not. Changes nothing there.
  virtual std::string probe(const Limit& limit) = 0;
  /// Lends out connections (again), or gives all up: what runs is interrupted by its own limit.
  virtual void start() = 0;
  virtual void stop() = 0;
};

/// The one that the module's settings name; problems are said with their JSON pointers, and the
/// result is of use only when there was none. `host` is for metrics.
std::unique_ptr<Backend> make_backend(const json::Value& settings,
                                      const common::ClientSettings& client, sdk::Host host,
                                      const common::ProblemFn& problem);

std::unique_ptr<Backend> make_redis(const json::Value& settings,
                                    const common::ClientSettings& client, sdk::Host host,
                                    const common::ProblemFn& problem);
std::unique_ptr<Backend> make_memcached(const json::Value& settings,
                                        const common::ClientSettings& client, sdk::Host host,
                                        const common::ProblemFn& problem);

std::unique_ptr<Backend> make_http(std::unique_ptr<const Purger> purger,
                                   const common::ClientSettings& client, sdk::Host host);

}  // namespace observerd::cache
