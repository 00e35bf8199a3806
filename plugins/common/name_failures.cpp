#include "common/name_failures.hpp"

#include <netdb.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <set>
#include <system_error>
#include <thread>

namespace observerd::common {

HttpError ask_resolver(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (error == 0) freeaddrinfo(found);
  return error == EAI_NONAME ? HttpError::DnsNotFound : HttpError::DnsTemporary;
}

// Shared with the threads: getaddrinfo cannot be interrupted, so a thread may outlive its client
// and then finds that nobody waits.
struct NameFailures::State {
  std::mutex mutex;
  AskFn ask;
  DoneFn done;
  bool is_closed = false;
  std::set<std::string> under_way;
};

NameFailures::NameFailures(AskFn ask, DoneFn done) : state_(std::make_shared<State>()) {
  state_->ask = std::move(ask);
  state_->done = std::move(done);
}

NameFailures::~NameFailures() {
  const std::lock_guard lock(state_->mutex);
  state_->is_closed = true;
}

bool NameFailures::ask(const std::string& host) {
  constexpr std::size_t kMostThreads = 8;
  const std::lock_guard lock(state_->mutex);
  if (state_->under_way.count(host) != 0) return true;
  if (state_->under_way.size() >= kMostThreads) return false;
  state_->under_way.insert(host);
  try {
    std::thread([state = state_, host] {
      const HttpError error = state->ask(host);
      const std::lock_guard done_lock(state->mutex);
      state->under_way.erase(host);
      if (!state->is_closed) state->done(host, error);
    }).detach();
  } catch (const std::system_error&) {  // no thread to be had
    state_->under_way.erase(host);
    return false;
  }
  return true;
}

HttpError ask_resolver_within(const std::string& host, const Patience& patience) {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<HttpError> answer;
  NameFailures question(ask_resolver, [&](const std::string&, HttpError error) {
    const std::lock_guard lock(mutex);
    answer = error;
    answered.notify_all();
  });
  if (!question.ask(host)) return HttpError::DnsTemporary;
  std::unique_lock lock(mutex);
  constexpr Milliseconds kLook{100};
  while (!answer && !patience.is_cancelled() &&
         std::chrono::steady_clock::now() < patience.deadline) {
    answered.wait_for(lock, kLook);
  }
  return answer.value_or(HttpError::DnsTemporary);
}

}  // namespace observerd::common
