#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cache/link.hpp"
#include "observerd/plugin.hpp"

namespace observerd::cache {

/// A pool of links for each server, at most max_connections in each. `AnyLink` derives from Link.
/// Thread-safe; must outlive the pools that it gives.
template <typename AnyLink>
class LinkPools {
 public:
  using Pool = sdk::Pool<AnyLink>;

  LinkPools(const StoreSettings& settings, sdk::Host host) : settings_(settings), host_(host) {}

  std::shared_ptr<Pool> of(const Endpoint& server) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Pool>& pool = pools_[server.text()];
    if (pool == nullptr) {
      pool = std::make_shared<Pool>(
          static_cast<std::size_t>(settings_.client.client.max_connections),
          [this, server] { return std::make_unique<AnyLink>(settings_, server, host_); });
      if (is_stopped_) pool->close();
    }
    return pool;
  }

  /// Forgets the servers that are not among these.
  void keep_only(const std::vector<Endpoint>& servers) {
    const std::lock_guard lock(mutex_);
    std::erase_if(pools_, [&](const auto& entry) {
      return std::none_of(servers.begin(), servers.end(),
                          [&](const Endpoint& server) { return server.text() == entry.first; });
    });
  }

  /// Lends out (again).
  void start() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = false;
    for (auto& [name, pool] : pools_) pool->reopen();
  }

  /// Closes what is idle, and what comes back.
  void stop() {
    const std::lock_guard lock(mutex_);
    is_stopped_ = true;
    for (auto& [name, pool] : pools_) pool->close();
  }

 private:
  const StoreSettings& settings_;
  const sdk::Host host_;
  std::mutex mutex_;
  bool is_stopped_ = false;
  std::map<std::string, std::shared_ptr<Pool>> pools_;
};

/// What an item gets when no link became free.
inline sdk::Result no_link(const Endpoint& server) {
  return sdk::retry("no_connection", server.text() + ": no connection became free in time");
}

}  // namespace observerd::cache
