#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "observerd/plugin.h"
#include "plugin/host_table.hpp"
#include "plugin/module.hpp"
#include "plugin/reports.hpp"

namespace observerd::plugin {

/// A plugin's own action; unbound when the last owner lets go.
using ActionHandle = std::shared_ptr<observerd_action>;

/// One item as the C ABI has it. Borrows the texts of `item`.
observerd_item to_item(const Item& item, observerd_action* action);

/// A batch in the memory that the plugin sees. Each index is settled exactly once towards the host,
/// whoever comes first: the plugin's report, or the host giving up. What the plugin has reported is
/// counted apart from that, since the batch must stay in place until the plugin is through with it.
/// Thread-safe.
class PluginCall final : public Call, public std::enable_shared_from_this<PluginCall> {
 public:
  /// `plugin_done` is called once, when the plugin itself has reported every item.
  PluginCall(std::vector<Item> items, std::vector<ActionHandle> actions, SteadyTime deadline,
             ReportFn report, HostTable& host, std::function<void(PluginCall&)> plugin_done);
  ~PluginCall() override;
  PluginCall(const PluginCall&) = delete;
  PluginCall& operator=(const PluginCall&) = delete;

  void cancel() override;
  void give_up(const std::string& why) override;
  bool finished() const override { return reports_.complete(); }

  const observerd_batch* raw() const { return &raw_; }
  /// Settles the rest as Unknown and returns how many that were.
  std::size_t settle_rest(const std::string& why) { return reports_.settle_rest(why); }
  bool fully_reported() const { return unreported_ == 0; }
  bool given_up() const { return given_up_; }
  bool cancelled() const { return cancelled_; }
  /// Drops what only an unreported item needs; the head stays for reports that come too late.
  void release_items();

 private:
  void take_report(std::uint32_t index, const observerd_result* theirs);
  ItemResult to_result(const observerd_result* theirs);
  static std::int32_t is_cancelled(const observerd_batch* self);
  static void report(const observerd_batch* self, std::uint32_t index,
                     const observerd_result* result);

  std::vector<Item> items_;
  std::vector<ActionHandle> actions_;
  std::vector<observerd_item> raw_items_;
  std::vector<const observerd_item*> raw_pointers_;
  observerd_batch raw_{};
  Reports reports_;  // what the host knows
  HostTable& host_;
  std::function<void(PluginCall&)> plugin_done_;

  std::vector<std::atomic<bool>> reported_;  // what the plugin has said
  std::atomic<std::size_t> unreported_;      // by the plugin
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> given_up_{false};
  std::mutex event_mutex_;  // cancel_fd may be closed while someone cancels
  int event_fd_ = -1;
};

}  // namespace observerd::plugin
