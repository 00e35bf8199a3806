#include "plugin/module_core.hpp"

#include <utility>

#include "plugin/keep_alive.hpp"

namespace observerd::plugin {
namespace {

constexpr std::size_t remembered_calls = 64;

}  // namespace

ModuleCore::Use ModuleCore::create(const ActionType& type, HostTable& host, observerd_module* raw) {
  const std::shared_ptr<ModuleCore> core(new ModuleCore(type, host, raw));
  return Use(core.get(), [core](ModuleCore* module) { module->retire(); });
}

ModuleCore::ModuleCore(const ActionType& type, HostTable& host, observerd_module* raw)
    : type_(type), host_(host), raw_(raw) {}

std::unique_lock<std::mutex> ModuleCore::worker() {
  return type_.thread_safe ? std::unique_lock<std::mutex>()
                           : std::unique_lock<std::mutex>(worker_mutex_);
}

ActionHandle ModuleCore::own_action(observerd_action* action) {
  return ActionHandle(action, [core = shared_from_this()](observerd_action* released) {
    const std::lock_guard lock(core->mutex_);
    core->released_.push_back(released);
  });
}

void ModuleCore::unbind_released() {
  std::vector<observerd_action*> released;
  {
    const std::lock_guard lock(mutex_);
    released.swap(released_);
  }
  if (released.empty()) return;
  const std::lock_guard lock(setup());
  for (observerd_action* action : released) {
    try {
      table().unbind(raw_, action);
    } catch (...) {
      host_.misbehaved(Misbehaviour::ThrewException);
    }
  }
}

std::shared_ptr<Call> ModuleCore::deliver(std::vector<Item> items,
                                          std::vector<ActionHandle> actions, SteadyTime deadline,
                                          ReportFn report, const StartedFn& started) {
  unbind_released();
  const auto call = std::make_shared<PluginCall>(
      std::move(items), std::move(actions), deadline, std::move(report), host_,
      [weak = weak_from_this()](PluginCall& done) {
        const std::shared_ptr<ModuleCore> core = weak.lock();
        if (core != nullptr && core->type_.async) core->leave(done);
      });
  if (call->finished()) return call;  // no items
  enter(call);
  if (started) started(call);
  const bool handed_over = hand_over(*call);
  if (handed_over && type_.async) return call;
  if (call->settle_rest("the plugin returned without a result") > 0 && !call->cancelled()) {
    host_.misbehaved(Misbehaviour::Unreported);
  }
  leave(*call);
  return call;
}

/// False when the plugin has no business with the batch any more: it threw, or never got it.
bool ModuleCore::hand_over(PluginCall& call) {
  const std::unique_lock<std::mutex> lock = worker();
  if (call.finished()) return false;  // given up while it waited its turn
  try {
    table().deliver(raw_, call.raw());
    return true;
  } catch (...) {
    host_.misbehaved(Misbehaviour::ThrewException);
    call.settle_rest("the plugin threw an exception");
    return false;
  }
}

std::size_t ModuleCore::abandoned() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [raw, call] : in_flight_) count += call->given_up() ? 1 : 0;
  return count;
}

void ModuleCore::give_up_unreported() {
  if (!type_.async) return;  // deliver is still running and settles its own
  std::vector<std::shared_ptr<PluginCall>> calls;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [raw, call] : in_flight_) calls.push_back(call);
  }
  for (const auto& call : calls) {
    if (call->finished()) continue;
    host_.misbehaved(Misbehaviour::Unreported);
    call->give_up("the plugin stopped without a result");
  }
}

void ModuleCore::enter(const std::shared_ptr<PluginCall>& call) {
  const std::lock_guard lock(mutex_);
  in_flight_.emplace(call.get(), call);
}

void ModuleCore::leave(PluginCall& call) {
  if (call.fully_reported()) call.release_items();
  std::shared_ptr<PluginCall> forgotten;  // destroyed after the lock: that queues actions
  const std::lock_guard lock(mutex_);
  const auto found = in_flight_.find(&call);
  if (found == in_flight_.end()) return;
  returned_.push_back(std::move(found->second));
  in_flight_.erase(found);
  if (returned_.size() <= remembered_calls) return;
  forgotten = std::move(returned_.front());
  returned_.pop_front();
}

void ModuleCore::retire() {
  std::deque<std::shared_ptr<PluginCall>> returned;
  bool held = false;
  {
    const std::lock_guard lock(mutex_);
    returned.swap(returned_);
    held = !in_flight_.empty();
  }
  for (const auto& call : returned) {
    call->release_items();
    if (!call->fully_reported()) keep_alive(call);
  }
  unbind_released();
  if (held) {
    // The plugin was stopped and still holds a batch: whatever touches it may need the module.
    host_.misbehaved(Misbehaviour::Unreported);
    keep_alive(shared_from_this());
  } else {
    const std::lock_guard lock(setup());
    try {
      table().close(raw_);
    } catch (...) {
      host_.misbehaved(Misbehaviour::ThrewException);
    }
  }
  host_.detach();
}

}  // namespace observerd::plugin
