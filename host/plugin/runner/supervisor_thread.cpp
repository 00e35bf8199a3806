#include <algorithm>
#include <chrono>
#include <random>
#include <set>
#include <utility>

#include "observerd/plugin.h"
#include "plugin/runner/handshake.hpp"
#include "plugin/runner/messages.hpp"
#include "plugin/runner/supervisor.hpp"

/// The supervisor's own thread: the life of one runner after the other.
namespace observerd::plugin {
namespace {

constexpr Milliseconds kBringUpLimit{60'000};
constexpr Milliseconds kCloseLimit{5'000};
/// Frames, closing and the end of the runner wake at once; this is for output that has to wait.
constexpr Milliseconds kLook{1000};
constexpr Milliseconds kFirstPause{100};
constexpr Milliseconds kLongestPause{30'000};
constexpr int kMostDoublings = 9;
/// Of the process's output once it has ended.
constexpr int kLastReads = 16;

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

std::vector<Status> one(Status status) {
  return {std::move(status)};
}

/// ±20 %, so that runners that ended together do not all come back together.
Milliseconds jittered(Milliseconds pause) {
  static thread_local std::minstd_rand random{std::random_device{}()};
  std::uniform_real_distribution<double> factor(0.8, 1.2);
  return Milliseconds(
      static_cast<std::int64_t>(static_cast<double>(pause.count()) * factor(random)));
}

}  // namespace

void Supervisor::run() {
  for (bool first = true; !closing(); first = false) {
    std::vector<Status> problems = bring_up();
    const bool up = problems.empty();
    if (first) {
      if (!up) tear_down("");
      const std::lock_guard lock(mutex_);
      opened_ = problems;
      changed_.notify_all();
      if (!up) return;
    }
    const std::string why = up ? serve() : problems.front().message();
    if (closing()) break;
    tear_down(why);
    pause_before_restart();
  }
  close_module();
  tear_down("");
}

/// Starts a runner, has it do what the ones before had done, and lets deliveries go to it.
std::vector<Status> Supervisor::bring_up() {
  const RunnerProgram& program = *type_.runner;
  auto started = RunnerProcess::start(program);
  if (!started) return one(started.status());
  process_ = *std::move(started);
  {
    const std::lock_guard lock(mutex_);
    running_process_ = process_;
    ++life_;
    why_ended_.clear();
    blameless_ = false;
  }
  if (const auto facts = shake_hands(*process_, program); !facts) return one(facts.status());
  output_open_ = true;
  std::vector<Status> problems =
      replay(FrameKind::Open, message::Open{type_.type, settings_, log_levels_}.encode(),
             "it read the settings");
  if (problems.empty()) problems = catch_up();
  if (problems.empty()) in_flight_.connect(process_);
  return problems;
}

/// Has the new runner do what the one before had done: binds what is bound, starts what is started.
/// Opens it to questions at the moment when nothing is missing.
std::vector<Status> Supervisor::catch_up() {
  std::set<std::uint64_t> bound;
  bool started = false;
  for (;;) {
    std::uint64_t action = 0;
    std::string json;
    {
      const std::lock_guard lock(mutex_);
      const auto missing = std::find_if(actions_.begin(), actions_.end(), [&](const auto& one) {
        return bound.count(one.first) == 0;
      });
      if (missing != actions_.end()) {
        action = missing->first;
        json = missing->second;
      } else if (started == started_) {
        requests_.connect(process_, life_);
        return {};
      }
    }
    std::vector<Status> problems;
    if (action != 0) {
      bound.insert(action);
      problems = replay(FrameKind::Bind, message::ActionRequest{action, json}.encode(),
                        "it read an action's settings");
    } else {
      started = !started;
      problems = replay(started ? FrameKind::Start : FrameKind::Stop, "", "it was started");
    }
    if (!problems.empty()) return problems;
    if (closing()) return {};
  }
}

/// Asks from this thread, so reads while it waits. Problems: the plugin's, or that the runner
/// ended.
std::vector<Status> Supervisor::replay(FrameKind kind, const std::string& body,
                                       std::string_view doing) {
  replayed_.reset();
  process_->channel().send(kind, 0, body);
  const SteadyTime until = now() + kBringUpLimit;
  while (!replayed_ && !closing()) {
    const Status status = pump(kLook);
    if (!status.ok()) {
      return one(Status::error(
          Code::PluginMisbehaved,
          "the plugin's process " + how_it_ended(status) + " while " + std::string(doing)));
    }
    if (now() >= until) {
      return one(Status::error(Code::PluginMisbehaved,
                               "the plugin's process hung while " + std::string(doing)));
    }
  }
  return replayed_ ? std::move(replayed_->problems) : std::vector<Status>();
}

/// Until the runner ends (why) or is to be closed ("").
std::string Supervisor::serve() {
  while (!closing()) {
    const Status status = pump(kLook);
    if (!status.ok()) return "the plugin's process " + how_it_ended(status);
  }
  return "";
}

/// What to say of the end that pump has come upon.
std::string Supervisor::how_it_ended(const Status& status) {
  if (!status.message().empty()) process_->kill();
  const std::string how = process_->end();
  const std::lock_guard lock(mutex_);
  if (!why_ended_.empty()) return why_ended_;
  return status.message().empty() ? how : status.message() + ", so it was ended";
}

/// Takes what comes. An error: the runner has closed its end (no message), or done what none does.
Status Supervisor::pump(Milliseconds timeout) {
  const bool listen = output_open_ && voice_.wants_output(now());
  Channel::Arrived arrived;
  const Status status =
      process_->channel().wait(timeout, listen ? process_->output() : -1, arrived);
  for (const Frame& frame : arrived.frames) {
    if (!handle(frame)) {
      return Status::error(Code::PluginMisbehaved,
                           "sent a frame that makes no sense (kind " +
                               std::to_string(static_cast<std::uint32_t>(frame.kind)) + ")");
    }
  }
  if (arrived.readable) output_open_ = voice_.take_output(process_->output(), now());
  if (!process_->channel().closed()) return status;
  return status.ok() ? status : Status::error(Code::PluginMisbehaved, "");
}

bool Supervisor::handle(const Frame& frame) {
  switch (frame.kind) {
    case FrameKind::Result:
    case FrameKind::Done:
      return in_flight_.take(frame);
    case FrameKind::Log:
    case FrameKind::Metric:
      return voice_.take(frame, now());
    case FrameKind::Answer:
      if (frame.id != 0) return requests_.take(frame);
      if (replayed_) return false;
      replayed_ = message::Answer::decode(frame.body);
      return replayed_.has_value();
    default:
      return false;
  }
}

/// The runner is no more: settles what it had and says why it ended.
void Supervisor::tear_down(const std::string& why) {
  bool blame = false;
  {
    const std::lock_guard lock(mutex_);
    running_process_.reset();
    ++life_;
    blame = !blameless_ && !closing_;
    if (!why.empty()) {
      last_error_ = why;
      ++restarts_;
    }
  }
  if (process_ != nullptr) {
    process_->channel().hang_up();
    process_->end();
    for (int i = 0; output_open_ && i < kLastReads; ++i) {
      output_open_ = voice_.take_output(process_->output(), now());
    }
  }
  if (in_flight_.progressed()) failures_ = 0;
  if (!why.empty()) {
    host_.say(OBSERVERD_LOG_ERROR, code_name(Code::PluginMisbehaved) + " " + why,
              {{"restart", std::to_string(failures_ + 1)}});
  }
  requests_.disconnect(why);
  in_flight_.disconnect(why, blame);
  process_.reset();
}

void Supervisor::close_module() {
  if (process_ == nullptr) return;
  replayed_.reset();
  process_->channel().send(FrameKind::Close, 0);
  const SteadyTime until = now() + kCloseLimit;
  while (!replayed_ && now() < until && pump(kLook).ok()) {
  }
}

void Supervisor::pause_before_restart() {
  const Milliseconds pause =
      std::min(kLongestPause, kFirstPause * (1 << std::min(failures_, kMostDoublings)));
  ++failures_;
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, jittered(pause), [this] { return closing_; });
}

bool Supervisor::closing() const {
  const std::lock_guard lock(mutex_);
  return closing_;
}

}  // namespace observerd::plugin
