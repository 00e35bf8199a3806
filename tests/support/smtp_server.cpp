#include "support/smtp_server.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <optional>

namespace observerd::testing {
namespace {

using Milliseconds = std::chrono::milliseconds;

/// Bytes of a connection, taken up to a mark at a time.
class Reader {
 public:
  explicit Reader(int socket) : socket_(socket) {}

  std::optional<std::string> until(const std::string& mark) {
    while (true) {
      const std::size_t end = buffer_.find(mark);
      if (end != std::string::npos) {
        std::string text = buffer_.substr(0, end);
        buffer_.erase(0, end + mark.size());
        return text;
      }
      char block[16 * 1024];
      const ssize_t size = recv(socket_, block, sizeof block, 0);
      if (size <= 0) return std::nullopt;
      buffer_.append(block, static_cast<std::size_t>(size));
    }
  }
  /// Puts a line end before what comes next: the mark of a message begins with one.
  void unread_line_end() { buffer_.insert(0, "\r\n"); }

 private:
  int socket_;
  std::string buffer_;
};

SmtpAnswer usual_answer(const std::string& line) {
  if (line == SmtpServer::kConnect) return SmtpAnswer::line("220 test ESMTP");
  if (line.starts_with("EHLO")) return SmtpAnswer::line("250-test\r\n250 PIPELINING");
  if (line == "DATA") return SmtpAnswer::line("354 go on");
  if (line == SmtpServer::kMessage) return SmtpAnswer::line("250 2.0.0 taken");
  if (line == "QUIT") return SmtpAnswer::line("221 bye", SmtpAnswer::Then::Close);
  return {};
}

}  // namespace

SmtpServer::SmtpServer()
    : acceptor_(64, [this](int socket, int /*number*/) { converse(socket); }) {}

SmtpServer::~SmtpServer() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  changed_.notify_all();
  acceptor_.end();
}

void SmtpServer::when(const std::string& prefix, SmtpAnswer answer, int times) {
  const std::lock_guard lock(mutex_);
  rules_.push_front({prefix, std::move(answer), times});
}

void SmtpServer::forget_rules() {
  const std::lock_guard lock(mutex_);
  rules_.clear();
}

std::vector<std::string> SmtpServer::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::size_t SmtpServer::count(const std::string& prefix) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      lines_.begin(), lines_.end(), [&](const auto& line) { return line.starts_with(prefix); }));
}

std::vector<std::string> SmtpServer::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

bool SmtpServer::wait_for(const std::string& prefix, std::size_t times) const {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (count(prefix) < times) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_until(lock, until) == std::cv_status::timeout) return false;
  }
  return true;
}

void SmtpServer::converse(int socket) {
  Reader reader(socket);
  if (!give(socket, answer_to(kConnect))) return;
  while (const auto line = reader.until("\r\n")) {
    const SmtpAnswer answer = answer_to(*line);
    if (!give(socket, answer)) return;
    if (*line != "DATA" || !answer.text.starts_with("354")) continue;
    reader.unread_line_end();
    const auto message = reader.until("\r\n.\r\n");
    if (!message) return;
    {
      const std::lock_guard lock(mutex_);
      messages_.push_back(message->substr(std::min<std::size_t>(2, message->size())) + "\r\n");
    }
    if (!give(socket, answer_to(kMessage))) return;
  }
}

SmtpAnswer SmtpServer::answer_to(const std::string& line) {
  const std::lock_guard lock(mutex_);
  lines_.push_back(line);
  changed_.notify_all();
  for (Rule& rule : rules_) {
    if (rule.left > 0 && line.starts_with(rule.prefix)) {
      --rule.left;
      return rule.answer;
    }
  }
  return usual_answer(line);
}

bool SmtpServer::give(int socket, const SmtpAnswer& answer) {
  std::string_view text = answer.text;
  while (!text.empty()) {
    const std::size_t piece = answer.drip.count() > 0 ? 1 : text.size();
    const ssize_t sent = send(socket, text.data(), piece, MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
    if (answer.drip.count() > 0 && !pause(answer.drip)) return false;
  }
  if (answer.then == SmtpAnswer::Then::Hang) pause(std::chrono::hours(1));
  if (answer.then == SmtpAnswer::Then::Reset) {
    const linger now{1, 0};  // close sends RST
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  return answer.then == SmtpAnswer::Then::KeepOpen;
}

bool SmtpServer::pause(Milliseconds time) {
  std::unique_lock lock(mutex_);
  return !changed_.wait_for(lock, time, [&] { return is_ending_; });
}

}  // namespace observerd::testing
