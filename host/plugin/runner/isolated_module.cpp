#include "plugin/runner/isolated_module.hpp"

#include <atomic>
#include <optional>
#include <utility>

#include "observerd/plugin.h"
#include "plugin/runner/supervisor.hpp"

namespace observerd::plugin {
namespace {

/// What the module, its actions and its deliveries hold of the supervisor: with the last one the
/// module is closed.
class Use {
 public:
  explicit Use(std::shared_ptr<Supervisor> supervisor) : supervisor_(std::move(supervisor)) {}
  Use(const Use&) = delete;
  Use& operator=(const Use&) = delete;
  ~Use() { supervisor_->retire(); }
  Supervisor& operator*() const { return *supervisor_; }
  Supervisor* operator->() const { return supervisor_.get(); }
  std::weak_ptr<Supervisor> weak() const { return supervisor_; }

 private:
  const std::shared_ptr<Supervisor> supervisor_;
};
using UsePtr = std::shared_ptr<const Use>;

class IsolatedAction final : public BoundAction {
 public:
  IsolatedAction(UsePtr use, Supervisor::Bound bound, const std::string& own_key)
      : use_(std::move(use)),
        id_(bound.id),
        lane_key_(bound.lane_key.empty() ? own_key : std::move(bound.lane_key)),
        batch_key_(bound.batch_key.empty() ? own_key : std::move(bound.batch_key)),
        names_lane_(lane_key_ != own_key) {}
  ~IsolatedAction() override { (*use_)->unbind(id_); }

  const std::string& lane_key() const override { return lane_key_; }
  const std::string& batch_key() const override { return batch_key_; }
  bool names_lane() const override { return names_lane_; }
  std::uint64_t id() const { return id_; }

 private:
  const UsePtr use_;
  const std::uint64_t id_;
  const std::string lane_key_, batch_key_;
  const bool names_lane_;
};

std::uint64_t id_of(const BoundAction& action) {
  return static_cast<const IsolatedAction&>(action).id();
}

class IsolatedModule final : public Module {
 public:
  explicit IsolatedModule(UsePtr use) : use_(std::move(use)) {}
  ~IsolatedModule() override { stop(); }

  const ActionType& type() const override { return (*use_)->type(); }

  std::unique_ptr<BoundAction> bind(const std::string& action_json,
                                    Diagnostics& diagnostics) override {
    std::optional<Supervisor::Bound> bound = (*use_)->bind(action_json, diagnostics);
    if (!bound) return nullptr;
    // Not the runner's own name for it: that counts anew with each process.
    return std::make_unique<IsolatedAction>(use_, *std::move(bound),
                                            "#" + std::to_string(++bound_));
  }

  Status start() override { return (*use_)->start(); }
  void stop() override { (*use_)->stop(); }

  std::shared_ptr<Call> deliver(std::vector<Item> items, SteadyTime deadline, ReportFn report,
                                StartedFn started) override {
    // A copy: the module must not be closed under a delivery.
    const UsePtr use = use_;
    const auto call = std::make_shared<RemoteCall>(std::move(items), std::move(report),
                                                   (*use)->host(), hooks(use->weak()));
    if (call->finished()) return call;  // no items
    if (started) started(call);
    (*use)->in_flight().run(call, deadline, !type().async);
    return call;
  }

  std::size_t abandoned() const override { return (*use_)->in_flight().abandoned(); }

  Status probe(const BoundAction& action, bool& supported) override {
    const Result<message::Answer> answer = (*use_)->probe(id_of(action));
    supported = answer ? answer->supported : true;
    if (!answer) return answer.status();
    return answer->problems.empty() ? Status() : answer->problems.front();
  }

  std::string preview(const Item& item) override {
    return (*use_)->preview(id_of(*item.action), item);
  }

 private:
  /// A call may be asked after everything else is gone.
  static RemoteCall::Hooks hooks(const std::weak_ptr<Supervisor>& weak) {
    return {[weak](RemoteCall& call) {
              if (const auto supervisor = weak.lock()) supervisor->in_flight().cancel(call);
            },
            [weak](RemoteCall& call, const std::string& why) {
              const auto supervisor = weak.lock();
              if (supervisor == nullptr) return;
              const bool synchronous = !supervisor->type().async;
              if (supervisor->in_flight().give_up(call, why, synchronous)) {
                supervisor->end_runner("held a delivery beyond its time, so it was ended (" + why +
                                       ")");
              }
            }};
  }

  const UsePtr use_;
  std::atomic<std::uint64_t> bound_{0};
};

std::uint32_t kept_levels(HostServices& services, const std::string& type) {
  std::uint32_t levels = 0;
  for (int level = OBSERVERD_LOG_TRACE; level <= OBSERVERD_LOG_ERROR; ++level) {
    if (services.log_enabled(type, level)) levels |= 1U << static_cast<unsigned>(level);
  }
  return levels;
}

}  // namespace

std::unique_ptr<Module> open_isolated_module(const ActionType& type,
                                             const std::string& settings_json,
                                             HostServices& services, Diagnostics& diagnostics) {
  HostTable& host = HostTable::create(type.type, services);
  std::shared_ptr<Supervisor> supervisor = Supervisor::open(
      type, settings_json, host, kept_levels(services, type.type), &id_of, diagnostics);
  if (supervisor == nullptr) {
    host.detach();
    return nullptr;
  }
  return std::make_unique<IsolatedModule>(std::make_shared<const Use>(std::move(supervisor)));
}

}  // namespace observerd::plugin
