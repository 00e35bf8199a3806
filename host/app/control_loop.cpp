#include "app/control_loop.hpp"

#include <unistd.h>

#include <algorithm>

namespace observerd::app {
namespace {

using telemetry::Level;

constexpr Milliseconds kLook{1000};
constexpr Milliseconds kFirstReconnect{250};
constexpr Milliseconds kLastReconnect{5000};
/// Between two looks at what is too old, when the last one found no more than it could take.
constexpr Milliseconds kMaintenance{10'000};
constexpr Milliseconds kForgetting{600'000};

std::string host_name() {
  char name[256] = "";
  if (::gethostname(name, sizeof name - 1) != 0) name[0] = '\0';
  return std::string(name) + " (pid " + std::to_string(::getpid()) + ")";
}

}  // namespace

ControlLoop::ControlLoop(postgres::Options database, std::string fingerprint, Hooks hooks,
                         telemetry::Log& log)
    : database_(std::move(database)),
      hooks_(std::move(hooks)),
      log_(log),
      fingerprint_(std::move(fingerprint)) {
  report_.id = Uuid::random();
  report_.name = host_name();
  report_.version = OBSERVERD_VERSION;
}

ControlLoop::~ControlLoop() {
  stop();
}

Status ControlLoop::start() {
  Status status = connect();
  if (status.ok()) status = round();
  if (!status.ok()) return status;
  thread_ = std::thread([this] { loop(); });
  return {};
}

void ControlLoop::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  wake_.notify_all();
  if (!thread_.joinable()) return;
  thread_.join();
  if (connection_ && !connection_->broken()) {
    const Status gone = store::Control(*connection_).withdraw(report_.id);
    if (!gone.ok()) log_.write(Level::Debug, gone);
  }
  connection_.reset();
}

void ControlLoop::set_fingerprint(std::string fingerprint) {
  const std::lock_guard lock(mutex_);
  fingerprint_ = std::move(fingerprint);
}

void ControlLoop::begin_reload() {
  const std::lock_guard lock(mutex_);
  running_reloads_.insert(running_reloads_.end(), open_reloads_.begin(), open_reloads_.end());
  open_reloads_.clear();
}

void ControlLoop::answer_reload(bool ok, std::string text) {
  const std::lock_guard lock(mutex_);
  for (const std::int64_t request : running_reloads_) {
    reload_answers_.emplace_back(request, ReloadAnswer{ok, text});
  }
  running_reloads_.clear();
}

bool ControlLoop::is_known(std::int64_t request) const {
  const auto among = [&](const std::vector<std::int64_t>& requests) {
    return std::find(requests.begin(), requests.end(), request) != requests.end();
  };
  return among(open_reloads_) || among(running_reloads_) ||
         std::any_of(reload_answers_.begin(), reload_answers_.end(),
                     [&](const auto& answer) { return answer.first == request; });
}

void ControlLoop::pause(store::PauseRow pause) {
  const std::lock_guard lock(mutex_);
  new_pauses_.push_back(std::move(pause));
}

Status ControlLoop::connect() {
  auto opened = postgres::Connection::open(database_);
  if (!opened) return opened.status();
  connection_ = std::move(*opened);
  store::Control control(*connection_);
  const Result<std::string> channel = control.channel();
  if (!channel) return channel.status();
  if (Status status = connection_->listen(*channel); !status.ok()) return status;
  const Result<int> key = control.hold_life_lock();
  if (!key) return key.status();
  report_.lock_key = *key;
  return {};
}

void ControlLoop::loop() {
  Milliseconds reconnect = kFirstReconnect;
  for (;;) {
    Status status;
    if (connection_ == nullptr || connection_->broken()) {
      connection_.reset();
      status = connect();
    } else {
      // Short waits, so that stop() and what this process has to say are not kept waiting.
      constexpr Milliseconds kStep{100};
      Result<bool> notified = false;
      for (Milliseconds waited{0}; waited < kLook; waited += kStep) {
        notified = connection_->wait_for_notification(kStep);
        if (!notified || *notified) break;
        const std::lock_guard lock(mutex_);
        if (stopping_ || !new_pauses_.empty() || !reload_answers_.empty() ||
            fingerprint_ != report_.fingerprint)
          break;
      }
      status = notified.status();
    }
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
    }
    if (status.ok()) status = round();
    if (status.ok()) {
      reconnect = kFirstReconnect;
      continue;
    }
    log_.write(Level::Warn, status, {{"doing", "speaking to the control tables"}});
    connection_.reset();
    std::unique_lock lock(mutex_);
    wake_.wait_for(lock, reconnect, [this] { return stopping_; });
    if (stopping_) return;
    reconnect = std::min(reconnect * 2, kLastReconnect);
  }
}

/// One look at everything.
Status ControlLoop::round() {
  {
    const std::lock_guard lock(mutex_);
    report_.fingerprint = fingerprint_;
  }
  report_.problem = hooks_.problem();
  report_.state = hooks_.state();
  store::Control control(*connection_);
  if (Status status = control.announce(report_); !status.ok()) return status;
  const Result<std::string> active = control.settle_active(report_.fingerprint, report_.id);
  if (!active) return active.status();
  if (Status status = write_pauses(control); !status.ok()) return status;
  Result<std::vector<store::PauseRow>> pauses = control.pauses();
  if (!pauses) return pauses.status();
  hooks_.pauses(std::move(*pauses));
  if (*active != told_active_ || report_.fingerprint != told_own_) {
    hooks_.configuration(*active, report_.fingerprint);
    told_active_ = *active;
    told_own_ = report_.fingerprint;
  }
  if (Status status = answer_requests(control); !status.ok()) return status;
  return maintain();
}

Status ControlLoop::write_pauses(store::Control& control) {
  std::vector<store::PauseRow> pauses;
  {
    const std::lock_guard lock(mutex_);
    pauses = new_pauses_;
  }
  for (const store::PauseRow& pause : pauses) {
    const Result<bool> written = control.pause(pause);
    if (!written) return written.status();
    const std::lock_guard lock(mutex_);
    new_pauses_.erase(new_pauses_.begin());
  }
  return {};
}

Status ControlLoop::answer_requests(store::Control& control) {
  decltype(reload_answers_) answers;
  {
    const std::lock_guard lock(mutex_);
    answers.swap(reload_answers_);
  }
  for (const auto& [request, answer] : answers) {
    if (Status status = control.answer(request, report_, answer.ok, answer.text); !status.ok()) {
      return status;
    }
  }
  const Result<std::vector<store::Request>> requests = control.unanswered(report_.id);
  if (!requests) return requests.status();
  for (const store::Request& request : *requests) {
    if (request.verb == "resume_lane") {
      const Status done = hooks_.resume_lane(request.argument);
      if (Status status = control.answer(request.id, report_, done.ok(),
                                         done.ok() ? "resumed" : done.message());
          !status.ok())
        return status;
    } else if (request.verb == "reload") {
      bool is_new = false;
      {
        const std::lock_guard lock(mutex_);
        is_new = !is_known(request.id);
        if (is_new) open_reloads_.push_back(request.id);
      }
      if (is_new) hooks_.reload();
    }
  }
  return {};
}

Status ControlLoop::maintain() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now >= next_forgetting_) {
    if (Status status = store::Control(*connection_).forget_old(); !status.ok()) return status;
    next_forgetting_ = now + kForgetting;
  }
  if (now < next_maintenance_) return {};
  const Result<bool> more = hooks_.maintain(*connection_);
  if (!more) return more.status();
  next_maintenance_ = *more ? now : now + kMaintenance;
  return {};
}

}  // namespace observerd::app
