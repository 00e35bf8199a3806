#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plugin/host_table.hpp"
#include "plugin/module.hpp"
#include "plugin/reports.hpp"

namespace observerd::plugin {

/// A batch whose plugin is in another process: settles each index exactly once towards the host,
/// whoever comes first. Thread-safe.
class RemoteCall final : public Call {
 public:
  /// What the call asks of whoever runs it; called from any thread, each once at most.
  struct Hooks {
    std::function<void(RemoteCall&)> cancel;
    /// What holds it may be ended. Items that are not settled by then become Unknown.
    std::function<void(RemoteCall&, const std::string& why)> give_up;
  };
  RemoteCall(std::vector<Item> items, ReportFn report, HostTable& host, Hooks hooks);

  void cancel() override;
  void give_up(const std::string& why) override;
  bool finished() const override { return reports_.complete(); }

  const std::vector<Item>& items() const { return items_; }
  std::vector<std::string> delivery_ids() const;
  bool cancelled() const { return cancelled_; }
  bool given_up() const { return given_up_; }
  bool settled(std::uint32_t index) const { return reports_.settled(index); }
  /// False when it was settled before.
  bool settle(std::uint32_t index, ItemResult result) {
    return reports_.settle(index, std::move(result));
  }

 private:
  const std::vector<Item> items_;
  Reports reports_;
  std::atomic<bool> cancelled_{false}, given_up_{false};
  const Hooks hooks_;
};

}  // namespace observerd::plugin
