#include "app/status_sampler.hpp"

namespace observerd::app {
namespace {

constexpr Milliseconds kFresh{1000};

}  // namespace

StatusSampler::StatusSampler(postgres::Options database)
    : database_(std::move(database)), thread_([this] { run(); }) {}

StatusSampler::~StatusSampler() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    if (connection_) connection_->cancel();
    asked_.notify_all();
    answered_.notify_all();
  }
  thread_.join();
}

std::shared_ptr<const views::StatusReport> StatusSampler::latest(Milliseconds patience) {
  std::unique_lock lock(mutex_);
  if (report_ && std::chrono::steady_clock::now() - taken_ < kFresh) return report_;
  const std::uint64_t before = answers_;
  wanted_ = true;
  asked_.notify_one();
  answered_.wait_for(lock, patience, [&] { return stopping_ || answers_ != before; });
  return answers_ != before ? report_ : nullptr;
}

void StatusSampler::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_.wait(lock, [this] { return stopping_ || wanted_; });
    if (stopping_) return;
    wanted_ = false;
    lock.unlock();
    std::shared_ptr<const views::StatusReport> report = read();
    lock.lock();
    report_ = std::move(report);
    taken_ = std::chrono::steady_clock::now();
    ++answers_;
    answered_.notify_all();
  }
}

std::shared_ptr<const views::StatusReport> StatusSampler::read() {
  if (!connection_) {
    auto opened = postgres::Connection::open(database_);
    if (!opened) return nullptr;
    const std::lock_guard lock(mutex_);
    connection_ = std::move(*opened);
  }
  Result<views::StatusReport> report = views::read_status(*connection_);
  if (connection_->broken()) {
    const std::lock_guard lock(mutex_);
    connection_.reset();
  }
  if (!report) return nullptr;
  return std::make_shared<const views::StatusReport>(std::move(*report));
}

}  // namespace observerd::app
