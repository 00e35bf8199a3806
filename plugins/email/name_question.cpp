#include "email/name_question.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

#include "common/name_failures.hpp"

namespace observerd::email {

common::HttpError ask_about_name(const std::string& host, const Patience& patience) {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<common::HttpError> answer;
  common::NameFailures question(common::ask_resolver,
                                [&](const std::string&, common::HttpError error) {
                                  const std::lock_guard lock(mutex);
                                  answer = error;
                                  answered.notify_all();
                                });
  if (!question.ask(host)) return common::HttpError::DnsTemporary;
  std::unique_lock lock(mutex);
  constexpr Milliseconds kLook{100};
  while (!answer && !patience.is_cancelled() &&
         std::chrono::steady_clock::now() < patience.deadline) {
    answered.wait_for(lock, kLook);
  }
  return answer.value_or(common::HttpError::DnsTemporary);
}

}  // namespace observerd::email
