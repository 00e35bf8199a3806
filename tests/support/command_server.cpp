#include "support/command_server.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <optional>
#include <utility>

#include "support/loopback.hpp"

namespace observerd::testing {
namespace {

std::optional<std::string> take_line(std::string& buffer) {
  const std::size_t end = buffer.find("\r\n");
  if (end == std::string::npos) return std::nullopt;
  std::string line = buffer.substr(0, end);
  buffer.erase(0, end + 2);
  return line;
}

/// "*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", once all of it is there.
std::optional<std::vector<std::string>> take_list(std::string& buffer) {
  std::string rest = buffer;
  const auto head = take_line(rest);
  if (!head) return std::nullopt;
  std::vector<std::string> words;
  for (int left = std::stoi(head->substr(1)); left > 0; --left) {
    const auto length = take_line(rest);
    if (!length) return std::nullopt;
    const std::size_t size = std::stoul(length->substr(1));
    if (rest.size() < size + 2) return std::nullopt;
    words.push_back(rest.substr(0, size));
    rest.erase(0, size + 2);
  }
  buffer = std::move(rest);
  return words;
}

}  // namespace

CommandServer::CommandServer(Protocol protocol, Handler handler)
    : protocol_(protocol), handler_(std::move(handler)) {
  const LoopbackListener listener = listen_on_loopback(64);
  listener_ = listener.socket;
  port_ = listener.port;
  acceptor_ = std::thread([this] { accept_all(); });
}

CommandServer::~CommandServer() {
  is_ending_ = true;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  close(listener_);
  for (Session& session : sessions_) {
    shutdown(session.socket, SHUT_RDWR);
    session.thread.join();
    close(session.socket);
  }
}

void CommandServer::accept_all() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    ++connections_;
    const std::lock_guard lock(mutex_);
    sessions_.push_back({socket, std::thread([this, socket] { serve(socket); })});
  }
}

void CommandServer::serve(int socket) {
  std::string buffer;
  char piece[4096];
  for (;;) {
    const ssize_t got = recv(socket, piece, sizeof piece, 0);
    if (got <= 0) return;
    buffer.append(piece, static_cast<std::size_t>(got));
    for (;;) {
      std::optional<std::vector<std::string>> words;
      if (protocol_ == Protocol::Redis) {
        words = take_list(buffer);
      } else if (auto line = take_line(buffer)) {
        words = {*std::move(line)};
      }
      if (!words) break;
      if (!answer(socket, *words)) return;
    }
  }
}

bool CommandServer::answer(int socket, const std::vector<std::string>& words) {
  ++commands_;
  const CommandReply reply = handler_(words);
  const std::size_t step = reply.drip.count() > 0 ? 1 : reply.bytes.size();
  for (std::size_t at = 0; at < reply.bytes.size() && !is_ending_; at += step) {
    if (send(socket, reply.bytes.data() + at, step, MSG_NOSIGNAL) < 0) return false;
    if (reply.drip.count() > 0) std::this_thread::sleep_for(reply.drip);
  }
  if (reply.then == CommandReply::Then::KeepOpen) return true;
  if (reply.then == CommandReply::Then::Reset) {
    const linger at_once{1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    // Only the last close resets; the number stays taken until the session is joined.
    const int nowhere = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    dup2(nowhere, socket);
    close(nowhere);
    return false;
  }
  shutdown(socket, SHUT_RDWR);
  return false;
}

}  // namespace observerd::testing
