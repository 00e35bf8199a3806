#include "common/multi_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>

namespace observerd::common {

MultiLoop::MultiLoop()
    : multi_(curl_multi_init()),
      epoll_fd_(epoll_create1(EPOLL_CLOEXEC)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!ok()) return;
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &MultiLoop::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &MultiLoop::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = wake_fd_;
  epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, wake_fd_, &event);
}

MultiLoop::~MultiLoop() {
  if (multi_ != nullptr) curl_multi_cleanup(multi_);  // may still call on_socket
  if (epoll_fd_ >= 0) close(epoll_fd_);
  if (wake_fd_ >= 0) close(wake_fd_);
}

int MultiLoop::on_socket(CURL*, curl_socket_t socket, int what, void* self, void* known) {
  auto* loop = static_cast<MultiLoop*>(self);
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(loop->epoll_fd_, EPOLL_CTL_DEL, socket, nullptr);
    return 0;
  }
  epoll_event event{};
  event.data.fd = socket;
  if ((what & CURL_POLL_IN) != 0) event.events |= EPOLLIN;
  if ((what & CURL_POLL_OUT) != 0) event.events |= EPOLLOUT;
  epoll_ctl(loop->epoll_fd_, known == nullptr ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event);
  if (known == nullptr) curl_multi_assign(loop->multi_, socket, loop);
  return 0;
}

int MultiLoop::on_timer(CURLM*, long timeout_ms, void* self) {
  auto* loop = static_cast<MultiLoop*>(self);
  if (timeout_ms < 0) {
    loop->timer_.reset();
  } else {
    loop->timer_ = std::chrono::steady_clock::now() + Milliseconds(timeout_ms);
  }
  return 0;
}

int MultiLoop::wait_ms(Milliseconds most) const {
  if (timer_) {
    const auto left = *timer_ - std::chrono::steady_clock::now();
    most = std::min(most, std::chrono::ceil<Milliseconds>(left));
  }
  return static_cast<int>(std::clamp<std::int64_t>(most.count(), 0, 60'000));
}

void MultiLoop::turn(Milliseconds most, const DoneFn& done) {
  std::array<epoll_event, 256> events;
  const int count =
      epoll_wait(epoll_fd_, events.data(), static_cast<int>(events.size()), wait_ms(most));
  int running = 0;
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<std::size_t>(i)];
    if (event.data.fd == wake_fd_) {
      std::uint64_t count_of_wakes = 0;
      // Cleared before the caller looks at its queue: a wake that comes later is seen next turn.
      [[maybe_unused]] const auto size = read(wake_fd_, &count_of_wakes, sizeof count_of_wakes);
      woken_.store(false);
      continue;
    }
    int mask = 0;
    if ((event.events & EPOLLIN) != 0) mask |= CURL_CSELECT_IN;
    if ((event.events & EPOLLOUT) != 0) mask |= CURL_CSELECT_OUT;
    if ((event.events & (EPOLLERR | EPOLLHUP)) != 0) mask |= CURL_CSELECT_ERR;
    curl_multi_socket_action(multi_, event.data.fd, mask, &running);
  }
  if (timer_ && std::chrono::steady_clock::now() >= *timer_) {
    timer_.reset();
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg == CURLMSG_DONE) done(message->easy_handle, message->data.result);
  }
}

void MultiLoop::wake() {
  if (woken_.exchange(true)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto size = write(wake_fd_, &one, sizeof one);
}

}  // namespace observerd::common
