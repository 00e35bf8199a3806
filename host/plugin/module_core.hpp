#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "plugin/call.hpp"
#include "plugin/registry.hpp"

namespace observerd::plugin {

/// What stands behind a module: the plugin's own module, the batches it holds, the actions to
/// unbind. Two kinds of reference, because a plugin's thread may drop the last one to a batch from
/// within report, where calling back into the plugin (unbind, close) could deadlock it:
/// calls know the core weakly and only queue what is to be unbound; host objects hold a Use, and
/// with the last Use the module is closed, on a thread of the host. Thread-safe.
class ModuleCore : public std::enable_shared_from_this<ModuleCore> {
 public:
  using Use = std::shared_ptr<ModuleCore>;

  /// Takes over an opened module.
  static Use create(const ActionType& type, HostTable& host, observerd_module* raw);

  const ActionType& type() const { return type_; }
  const observerd_action_type& table() const { return *type_.table; }
  observerd_module* raw() const { return raw_; }
  HostTable& host() { return host_; }
  /// Held around [setup] calls.
  std::mutex& setup() { return *type_.setup; }
  /// Held around [worker] calls unless the type is thread-safe.
  std::unique_lock<std::mutex> worker();

  /// The deleter only queues: unbind_released does it.
  ActionHandle own_action(observerd_action* action);
  /// Unbinds what nobody holds any more. Not from within a call of the plugin.
  void unbind_released();

  std::shared_ptr<Call> deliver(std::vector<Item> items, std::vector<ActionHandle> actions,
                                SteadyTime deadline, ReportFn report, const StartedFn& started);
  std::size_t abandoned() const;
  /// Gives up what the plugin has not reported although its stop has returned.
  void give_up_unreported();

 private:
  ModuleCore(const ActionType& type, HostTable& host, observerd_module* raw);
  bool hand_over(PluginCall& call);
  void enter(const std::shared_ptr<PluginCall>& call);
  void leave(PluginCall& call);
  void retire();

  const ActionType& type_;
  HostTable& host_;
  observerd_module* const raw_;
  std::mutex worker_mutex_;

  mutable std::mutex mutex_;
  /// In the plugin's hands. Owned here, so that an asynchronous batch lives until it is reported.
  std::unordered_map<PluginCall*, std::shared_ptr<PluginCall>> in_flight_;
  /// The last ones that came back: a report that comes too late still finds their memory.
  std::deque<std::shared_ptr<PluginCall>> returned_;
  std::vector<observerd_action*> released_;
};

}  // namespace observerd::plugin
