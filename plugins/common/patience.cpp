#include "common/patience.hpp"

#include <poll.h>

#include <algorithm>
#include <array>

namespace observerd::common {
namespace {

// How often `cancelled` is asked; the descriptors end a wait at once.
constexpr Milliseconds kLook{200};

}  // namespace

Wait wait_for(int socket, short events, const Patience& patience) {
  while (true) {
    if (patience.is_cancelled()) return Wait::Cancelled;
    const auto left = patience.deadline - std::chrono::steady_clock::now();
    if (left <= std::chrono::nanoseconds(0)) return Wait::TimedOut;
    std::array<pollfd, 3> polled{
        {{socket, events, 0}, {patience.cancel_fd, POLLIN, 0}, {patience.stop_fd, POLLIN, 0}}};
    const auto most = std::min(std::chrono::ceil<Milliseconds>(left), kLook);
    poll(polled.data(), polled.size(), static_cast<int>(most.count()));
    if (polled[1].revents != 0 || polled[2].revents != 0) return Wait::Cancelled;
    if (polled[0].revents != 0) return Wait::Ready;
  }
}

}  // namespace observerd::common
