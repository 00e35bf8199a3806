#include "support/command_server.hpp"

#include <sys/socket.h>

#include <optional>
#include <thread>
#include <utility>

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
    : protocol_(protocol),
      handler_(std::move(handler)),
      acceptor_(64, [this](int socket, int /*number*/) { serve(socket); }) {}

CommandServer::~CommandServer() {
  is_ending_ = true;
  acceptor_.end();
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
  if (reply.then == CommandReply::Then::Reset) {
    const linger at_once{1, 0};
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
  return reply.then == CommandReply::Then::KeepOpen;
}

}  // namespace observerd::testing
