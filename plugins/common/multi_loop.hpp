#pragma once

#include <curl/curl.h>

#include <atomic>
#include <functional>
#include <optional>

#include "base/clock.hpp"

namespace observerd::common {

/// libcurl's multi interface on epoll: the cost of a turn depends on what happened, not on how many
/// transfers are open. Everything but wake() belongs to one thread.
class MultiLoop {
 public:
  using DoneFn = std::function<void(CURL* easy, CURLcode code)>;

  MultiLoop();
  ~MultiLoop();
  MultiLoop(const MultiLoop&) = delete;
  MultiLoop& operator=(const MultiLoop&) = delete;

  /// False when the system gave no descriptor or memory; nothing else may be called then.
  bool ok() const { return multi_ != nullptr && epoll_fd_ >= 0 && wake_fd_ >= 0; }
  bool add(CURL* easy) { return curl_multi_add_handle(multi_, easy) == CURLM_OK; }
  void remove(CURL* easy) { curl_multi_remove_handle(multi_, easy); }
  /// How many idle connections are kept.
  void keep_connections(long count) { curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, count); }

  /// Waits until a socket or timer is due, wake() is called, or `most` has passed; then drives the
  /// transfers and calls `done` for each that ended (it may add and remove handles).
  void turn(Milliseconds most, const DoneFn& done);

  /// Ends the wait of turn(), now or the next time. Any thread.
  void wake();

 private:
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* known);
  static int on_timer(CURLM* multi, long timeout_ms, void* self);
  int wait_ms(Milliseconds most) const;

  CURLM* multi_ = nullptr;
  int epoll_fd_ = -1;
  int wake_fd_ = -1;
  std::atomic<bool> woken_{false};
  std::optional<SteadyTime> timer_;  // when libcurl wants to be called
};

}  // namespace observerd::common
