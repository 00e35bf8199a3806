#include "plugin/runner/supervisor.hpp"

#include <utility>

#include "observerd/plugin.h"
#include "plugin/runner/messages.hpp"
#include "plugin/runner/runner_list.hpp"

namespace observerd::plugin {
namespace {

/// How long the plugin's open, bind and close, which use no network, may take; and start, which
/// may.
constexpr Milliseconds kSetupLimit{20'000};
constexpr Milliseconds kStartLimit{60'000};
constexpr Milliseconds kStopLimit{10'000};
constexpr Milliseconds kProbeLimit{60'000};

}  // namespace

std::shared_ptr<Supervisor> Supervisor::open(const ActionType& type, const std::string& settings,
                                             HostTable& host, std::uint32_t log_levels,
                                             InFlight::ActionId action_id,
                                             Diagnostics& diagnostics) {
  const std::shared_ptr<Supervisor> supervisor(
      new Supervisor(type, settings, host, log_levels, action_id));
  std::unique_lock lock(supervisor->mutex_);
  supervisor->thread_ = std::thread([supervisor] { supervisor->run(); });
  supervisor->changed_.wait(lock, [&] { return supervisor->opened_.has_value(); });
  if (supervisor->opened_->empty()) {
    lock.unlock();
    RunnerList::instance().add(supervisor);
    return supervisor;
  }
  for (const Status& problem : *supervisor->opened_) diagnostics.add(problem);
  lock.unlock();
  supervisor->thread_.join();
  return nullptr;
}

Supervisor::Supervisor(const ActionType& type, const std::string& settings, HostTable& host,
                       std::uint32_t log_levels, InFlight::ActionId action_id)
    : type_(type),
      settings_(settings),
      host_(host),
      log_levels_(log_levels),
      in_flight_(action_id, static_cast<std::size_t>(type.max_concurrency)),
      voice_(host) {}

std::optional<Supervisor::Bound> Supervisor::bind(const std::string& json,
                                                  Diagnostics& diagnostics) {
  Bound bound;
  {
    const std::lock_guard lock(mutex_);
    bound.id = next_action_++;
  }
  auto answered = requests_.ask(FrameKind::Bind, message::ActionRequest{bound.id, json}.encode(),
                                kSetupLimit, "it read the action's settings");
  if (!answered) {
    diagnostics.add(answered.status());
    return std::nullopt;
  }
  for (const Status& problem : answered->answer.problems) diagnostics.add(problem);
  if (!answered->answer.problems.empty()) return std::nullopt;
  bound.lane_key = std::move(answered->answer.lane_key);
  bound.batch_key = std::move(answered->answer.batch_key);
  const std::lock_guard lock(mutex_);
  if (life_ != answered->life) {
    // The one that knew the action is gone, and the next may be up without it.
    diagnostics.add(Status::error(Code::PluginMisbehaved,
                                  "the plugin's process ended right after it read the settings"));
    return std::nullopt;
  }
  actions_.emplace(bound.id, json);
  return bound;
}

void Supervisor::unbind(std::uint64_t action) {
  {
    const std::lock_guard lock(mutex_);
    actions_.erase(action);
  }
  requests_.tell(FrameKind::Unbind, action);
}

Status Supervisor::start() {
  {
    const std::lock_guard lock(mutex_);
    if (started_) return {};
    started_ = true;  // also when it fails: stop undoes what was begun
  }
  const auto answered = requests_.ask(FrameKind::Start, "", kStartLimit, "it was started");
  if (!answered) return answered.status();
  return answered->answer.problems.empty() ? Status() : answered->answer.problems.front();
}

void Supervisor::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(started_, false)) return;
    if (running_process_ == nullptr) return;  // nothing runs
    // Its own thread cannot wait for what it has to read itself; closing follows, which stops too.
    if (thread_.get_id() == std::this_thread::get_id()) return;
  }
  const auto answered = requests_.ask(FrameKind::Stop, "", kStopLimit, "it was stopped");
  if (!answered) host_.say(OBSERVERD_LOG_WARN, answered.status().message(), {});
}

Result<message::Answer> Supervisor::probe(std::uint64_t action) {
  auto answered = requests_.ask(FrameKind::Probe, message::ActionRequest{action, ""}.encode(),
                                kProbeLimit, "it looked whether the destination can be reached");
  if (!answered) return answered.status();
  return std::move(answered->answer);
}

std::string Supervisor::preview(std::uint64_t action, const Item& item) {
  auto answered = requests_.ask(FrameKind::Preview, message::DeliveryItem::encode(action, item),
                                kSetupLimit, "it showed what it would send");
  if (answered && answered->answer.problems.empty()) return std::move(answered->answer.text);
  host_.say(OBSERVERD_LOG_WARN,
            answered ? answered->answer.problems.front().message() : answered.status().message(),
            {});
  return {};
}

void Supervisor::end_runner(const std::string& why) {
  std::shared_ptr<RunnerProcess> runner;
  {
    const std::lock_guard lock(mutex_);
    runner = running_process_;
    why_ended_ = why;
    blameless_ = true;
  }
  if (runner) runner->kill();
}

RunnerState Supervisor::state() const {
  const std::lock_guard lock(mutex_);
  RunnerState state;
  state.type = type_.type;
  state.pid = running_process_ == nullptr ? 0 : running_process_->pid();
  state.restarts = restarts_;
  state.last_error = last_error_;
  return state;
}

void Supervisor::retire() {
  bool own_thread = false;
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    own_thread = thread_.get_id() == std::this_thread::get_id();
    if (running_process_ != nullptr) running_process_->channel().wake();
    changed_.notify_all();
  }
  requests_.close();
  if (own_thread) {
    thread_.detach();
  } else {
    thread_.join();
  }
  host_.detach();
}

}  // namespace observerd::plugin
