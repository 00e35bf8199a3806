#include "plugin/module.hpp"

#include <atomic>
#include <mutex>
#include <utility>

#include "plugin/module_core.hpp"
#include "plugin/runner/isolated_module.hpp"
#include "plugin/sinks.hpp"
#include "plugin/text.hpp"

namespace observerd::plugin {
namespace {

/// A plugin's action as the host holds it.
class PluginAction final : public BoundAction {
 public:
  PluginAction(ModuleCore::Use use, ActionHandle handle, std::string lane_key,
               std::string batch_key, bool names_lane)
      : use_(std::move(use)),
        handle_(std::move(handle)),
        lane_key_(std::move(lane_key)),
        batch_key_(std::move(batch_key)),
        names_lane_(names_lane) {}
  ~PluginAction() override {
    handle_.reset();
    use_->unbind_released();
  }

  const std::string& lane_key() const override { return lane_key_; }
  const std::string& batch_key() const override { return batch_key_; }
  bool names_lane() const override { return names_lane_; }
  const ActionHandle& handle() const { return handle_; }

 private:
  ModuleCore::Use use_;
  ActionHandle handle_;
  const std::string lane_key_, batch_key_;
  const bool names_lane_;
};

const ActionHandle& handle_of(const BoundAction& action) {
  return static_cast<const PluginAction&>(action).handle();
}

class InProcessModule final : public Module {
 public:
  explicit InProcessModule(ModuleCore::Use core) : core_(std::move(core)) {}
  ~InProcessModule() override { stop(); }

  const ActionType& type() const override { return core_->type(); }

  std::unique_ptr<BoundAction> bind(const std::string& action_json,
                                    Diagnostics& diagnostics) override {
    ErrorSink errors;
    BindingSink binding;
    observerd_action* raw = nullptr;
    {
      const std::lock_guard lock(core_->setup());
      try {
        raw = core_->table().bind(core_->raw(), to_str(action_json), errors.raw(), binding.raw());
      } catch (...) {
        core_->host().misbehaved(Misbehaviour::ThrewException);
        errors.add("", "the plugin threw an exception while it read the settings");
      }
    }
    ActionHandle handle;
    if (raw != nullptr) handle = core_->own_action(raw);
    if (raw == nullptr && errors.empty()) {
      errors.add("", "the plugin refused the settings without saying why");
    }
    for (const Status& problem : errors.problems()) diagnostics.add(problem);
    if (!errors.empty()) {
      handle.reset();
      core_->unbind_released();
      return nullptr;
    }
    const std::string own = "#" + std::to_string(++bound_);
    const bool names_lane = !binding.lane_key.empty();
    return std::make_unique<PluginAction>(
        core_, std::move(handle), names_lane ? std::move(binding.lane_key) : own,
        binding.batch_key.empty() ? own : std::move(binding.batch_key), names_lane);
  }

  Status start() override {
    const std::lock_guard lock(lifecycle_);
    if (running_) return {};
    running_ = true;  // also when it fails: stop undoes what was begun
    if (core_->table().start == nullptr) return {};
    try {
      if (core_->table().start(core_->raw()) == 0) return {};
    } catch (...) {
      core_->host().misbehaved(Misbehaviour::ThrewException);
      return Status::error(Code::PluginMisbehaved, "plugin " + core_->type().type +
                                                       " threw an exception when it was started");
    }
    return Status::error(Code::ActionFailed, "plugin " + core_->type().type + " did not start")
        .note("its own lines in the log say why");
  }

  std::shared_ptr<Call> deliver(std::vector<Item> items, SteadyTime deadline, ReportFn report,
                                StartedFn started) override {
    std::vector<ActionHandle> actions;
    actions.reserve(items.size());
    for (const Item& item : items) actions.push_back(handle_of(*item.action));
    // A copy: the module must not be closed under a deliver that is stuck.
    const ModuleCore::Use use = core_;
    return use->deliver(std::move(items), std::move(actions), deadline, std::move(report), started);
  }

  std::size_t abandoned() const override { return core_->abandoned(); }

  void stop() override {
    const std::lock_guard lock(lifecycle_);
    if (!running_) return;
    running_ = false;
    if (core_->table().stop != nullptr) {
      try {
        core_->table().stop(core_->raw());
      } catch (...) {
        core_->host().misbehaved(Misbehaviour::ThrewException);
      }
    }
    core_->give_up_unreported();
    core_->unbind_released();
  }

  Status probe(const BoundAction& action, bool& supported) override {
    supported = core_->table().probe != nullptr;
    if (!supported) return {};
    ErrorSink errors;
    std::int32_t answer = 1;
    const ActionHandle handle = handle_of(action);
    {
      const std::unique_lock<std::mutex> lock = core_->worker();
      try {
        answer = core_->table().probe(core_->raw(), handle.get(), errors.raw());
      } catch (...) {
        core_->host().misbehaved(Misbehaviour::ThrewException);
        errors.add("", "the plugin threw an exception while it probed");
      }
    }
    if (answer == 0 && errors.empty()) return {};
    if (errors.empty()) {
      return Status::error(Code::ActionFailed, "the destination cannot be reached");
    }
    const Status& first = errors.problems().front();
    const Code code = first.place().empty() ? Code::ActionFailed : Code::ActionSettings;
    Status status = Status::error(code, first.message()).at(first.place());
    for (std::size_t i = 1; i < errors.problems().size(); ++i) {
      status.note(errors.problems()[i].message());
    }
    return status;
  }

  std::string preview(const Item& item) override {
    if (core_->table().preview == nullptr) return {};
    PreviewSink sink;
    const ActionHandle handle = handle_of(*item.action);
    const observerd_item raw = to_item(item, handle.get());
    const std::unique_lock<std::mutex> lock = core_->worker();
    try {
      core_->table().preview(core_->raw(), &raw, sink.raw());
    } catch (...) {
      core_->host().misbehaved(Misbehaviour::ThrewException);
    }
    return std::move(sink.text);
  }

 private:
  const ModuleCore::Use core_;
  std::atomic<std::uint64_t> bound_{0};
  std::mutex lifecycle_;
  bool running_ = false;
};

}  // namespace

std::string_view outcome_name(Outcome outcome) {
  switch (outcome) {
    case Outcome::Delivered:
      return "delivered";
    case Outcome::Retry:
      return "retry";
    case Outcome::Throttled:
      return "throttled";
    case Outcome::Rejected:
      return "rejected";
    case Outcome::Unavailable:
      return "unavailable";
    case Outcome::Misconfigured:
      return "misconfigured";
    case Outcome::Cancelled:
      return "cancelled";
    case Outcome::Gone:
      return "gone";
    case Outcome::Unknown:
      break;
  }
  return "unknown";
}

std::unique_ptr<Module> open_module(const ActionType& type, const std::string& settings_json,
                                    HostServices& services, Diagnostics& diagnostics) {
  if (type.runner != nullptr) {
    return open_isolated_module(type, settings_json, services, diagnostics);
  }
  HostTable& host = HostTable::create(type.type, services);
  ErrorSink errors;
  observerd_module* raw = nullptr;
  {
    const std::lock_guard lock(*type.setup);
    try {
      raw = type.table->open(host.raw(), to_str(settings_json), errors.raw());
    } catch (...) {
      host.misbehaved(Misbehaviour::ThrewException);
      errors.add("", "the plugin threw an exception while it read the settings");
    }
  }
  if (raw == nullptr && errors.empty()) {
    errors.add("", "the plugin refused the settings without saying why");
  }
  for (const Status& problem : errors.problems()) diagnostics.add(problem);
  if (raw == nullptr) {
    host.detach();
    return nullptr;
  }
  auto module = std::make_unique<InProcessModule>(ModuleCore::create(type, host, raw));
  return errors.empty() ? std::move(module) : nullptr;
}

}  // namespace observerd::plugin
