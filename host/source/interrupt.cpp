#include "source/interrupt.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace observerd::source {

Interrupt::Interrupt() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Interrupt::~Interrupt() {
  if (event_ >= 0) ::close(event_);
}

void Interrupt::stop_reading() {
  stopping_ = true;
  cancel_running();
  kick();
}

void Interrupt::release() {
  releasing_ = true;
  stop_reading();
}

void Interrupt::leave(bool leave) {
  if (leaving_.exchange(leave) != leave) kick();
}

void Interrupt::kick() noexcept {
  ::eventfd_write(event_, 1);
}

void Interrupt::wait(int socket, Milliseconds timeout) {
  // poll() passes over negative descriptors.
  std::array<pollfd, 2> fds{{{event_, POLLIN, 0}, {socket, POLLIN, 0}}};
  const auto limit = std::clamp<Milliseconds::rep>(timeout.count(), 0, 1'000'000'000);
  ::poll(fds.data(), fds.size(), static_cast<int>(limit));
  eventfd_t kicks = 0;
  ::eventfd_read(event_, &kicks);
}

void Interrupt::cancel_running() {
  const std::lock_guard lock(mutex_);
  if (running_ != nullptr) running_->cancel();
}

Interrupt::Cancellable::Cancellable(Interrupt& interrupt, postgres::Connection& connection)
    : interrupt_(interrupt) {
  const std::lock_guard lock(interrupt_.mutex_);
  interrupt_.running_ = &connection;
}

Interrupt::Cancellable::~Cancellable() {
  const std::lock_guard lock(interrupt_.mutex_);
  interrupt_.running_ = nullptr;
}

}  // namespace observerd::source
