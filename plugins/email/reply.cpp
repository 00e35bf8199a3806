#include "email/reply.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/strings.hpp"
#include "common/classify.hpp"

namespace observerd::email {
namespace {

constexpr std::size_t kMostBytes = 64 * 1024;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string Reply::text() const {
  std::string all;
  const std::string status = enhanced();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::string_view line = lines[i];
    if (i > 0 && !status.empty() && line.starts_with(status)) line.remove_prefix(status.size());
    all += " " + std::string(line);
  }
  return std::to_string(code) + " " + common::excerpt(all, 296);
}

std::string Reply::enhanced() const {
  if (lines.empty()) return {};
  const std::string_view word = std::string_view(lines.front()).substr(0, lines.front().find(' '));
  const bool is_status =
      word.size() >= 5 && word.size() <= 9 && is_digit(word[0]) && word[1] == '.' &&
      std::count(word.begin(), word.end(), '.') == 2 && word.back() != '.' &&
      std::all_of(word.begin(), word.end(), [](char c) { return is_digit(c) || c == '.'; });
  return is_status ? std::string(word) : std::string();
}

bool ReplyReader::add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::string_view piece = bytes.substr(0, end);
    bytes_ += piece.size();
    if (bytes_ > kMostBytes) return false;
    buffer_ += piece;
    if (end == std::string_view::npos) return true;
    bytes.remove_prefix(end + 1);
    if (buffer_.ends_with('\r')) buffer_.pop_back();
    if (!add_line(std::exchange(buffer_, {}))) return false;
  }
  return true;
}

bool ReplyReader::add_line(std::string_view line) {
  const bool has_code = line.size() >= 3 && line[0] >= '2' && line[0] <= '5' && is_digit(line[1]) &&
                        is_digit(line[2]) && (line.size() == 3 || line[3] == ' ' || line[3] == '-');
  if (!has_code) return false;
  int code = 0;
  std::from_chars(line.data(), line.data() + 3, code);
  if (!reply_.lines.empty() && reply_.code != code) return false;
  reply_.code = code;
  reply_.lines.emplace_back(line.substr(std::min<std::size_t>(4, line.size())));
  if (line.size() > 3 && line[3] == '-') return true;
  ready_.push_back(std::exchange(reply_, {}));
  bytes_ = 0;
  return true;
}

std::optional<Reply> ReplyReader::take() {
  if (ready_.empty()) return std::nullopt;
  Reply reply = std::move(ready_.front());
  ready_.erase(ready_.begin());
  return reply;
}

Capabilities Capabilities::of(const Reply& hello) {
  Capabilities offered;
  for (const std::string& line : hello.lines) {
    const std::string word = ascii_lower(line.substr(0, line.find(' ')));
    if (word == "pipelining") offered.pipelining = true;
    if (word == "8bitmime") offered.eight_bit = true;
    if (word == "smtputf8") offered.utf8 = true;
    if (word != "size") continue;
    offered.has_size = true;
    if (line.size() > 5) {
      std::from_chars(line.data() + 5, line.data() + line.size(), offered.most_bytes);
    }
  }
  return offered;
}

}  // namespace observerd::email
