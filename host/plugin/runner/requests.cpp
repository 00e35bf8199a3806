#include "plugin/runner/requests.hpp"

#include <utility>

namespace observerd::plugin {
namespace {

/// How long a question waits for a runner that is being started again.
constexpr Milliseconds kRunnerWait{10'000};

Status failed(const std::string& doing, const std::string& why) {
  return Status::error(Code::PluginMisbehaved, "the plugin's process " + why + " while " + doing);
}

}  // namespace

void Requests::connect(std::shared_ptr<RunnerProcess> runner, std::uint64_t life) {
  const std::lock_guard lock(mutex_);
  runner_ = std::move(runner);
  life_ = life;
  changed_.notify_all();
}

void Requests::disconnect(const std::string& why) {
  const std::lock_guard lock(mutex_);
  runner_.reset();
  last_end_ = why;
  for (const auto& [id, waiting] : waiting_) waiting->over = true;
  waiting_.clear();
  changed_.notify_all();
}

void Requests::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

Result<Requests::Answered> Requests::ask(FrameKind kind, const std::string& body,
                                         Milliseconds limit, const std::string& doing) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, kRunnerWait, [this] { return runner_ != nullptr || closed_; });
  if (runner_ == nullptr) return failed(doing, last_end_.empty() ? "was not there" : last_end_);
  const std::uint64_t id = next_id_++;
  const std::uint64_t life = life_;
  const auto waiting = std::make_shared<Waiting>();
  waiting_.emplace(id, waiting);
  const std::shared_ptr<RunnerProcess> runner = runner_;
  runner->channel().send(kind, id, body);
  changed_.wait_for(lock, limit, [&] { return waiting->over; });
  if (waiting->answer) return Answered{*std::move(waiting->answer), life};
  if (waiting->over) return failed(doing, last_end_);
  waiting_.erase(id);
  runner->kill();
  return failed(doing, "did not answer for " + std::to_string(limit.count() / 1000) + " s");
}

void Requests::tell(FrameKind kind, std::uint64_t id) {
  const std::lock_guard lock(mutex_);
  if (runner_ != nullptr) runner_->channel().send(kind, id);
}

bool Requests::take(const Frame& frame) {
  auto answer = message::Answer::decode(frame.body);
  if (!answer) return false;
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(frame.id);
  if (found == waiting_.end()) return false;
  found->second->answer = std::move(answer);
  found->second->over = true;
  waiting_.erase(found);
  changed_.notify_all();
  return true;
}

}  // namespace observerd::plugin
