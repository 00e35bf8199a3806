#include "cache/redis_link.hpp"

#include "cache/redis_error.hpp"

namespace observerd::cache {
namespace {

// So much is sent before its replies are read: enough that a round trip costs little, and little
// enough that neither side has to keep much for the other.
constexpr std::size_t kPipelineBytes = 256 * 1024;
constexpr std::size_t kPipelineCommands = 1'000;

}  // namespace

std::optional<sdk::Result> RedisLink::exchange(const std::vector<Sent>& commands,
                                               std::vector<Reply>& replies, const Limit& limit) {
  if (auto failed = open(limit)) return failed;
  std::string bytes;
  for (std::size_t next = 0; next < commands.size();) {
    bytes.clear();
    const std::size_t first = next;
    for (; next < commands.size() && next - first < kPipelineCommands &&
           bytes.size() < kPipelineBytes;
         ++next) {
      if (commands[next].is_asking) encode_command(bytes, {"ASKING"});
      encode_command(bytes, commands[next].command->words);
    }
    if (!send(bytes)) return broken();
    for (std::size_t i = first; i < next; ++i) {
      if (commands[i].is_asking && !read_reply(reader())) return broken();
      auto reply = read_reply(reader());
      if (!reply) return broken();
      replies.push_back(*std::move(reply));
    }
  }
  host().count("commands_total", static_cast<double>(commands.size()));
  return std::nullopt;
}

std::optional<sdk::Result> RedisLink::log_in() {
  if (!settings().password.empty()) {
    std::vector<std::string> words = {"AUTH"};
    if (!settings().username.empty()) words.push_back(settings().username);
    words.push_back(settings().password);
    if (auto refused = insist(words)) return refused;
  }
  if (settings().database == 0) return std::nullopt;
  return insist({"SELECT", std::to_string(settings().database)});
}

std::optional<sdk::Result> RedisLink::insist(const std::vector<std::string>& words) {
  std::string bytes;
  encode_command(bytes, words);
  if (!send(bytes)) return broken();
  const auto reply = read_reply(reader());
  if (!reply) return broken();
  if (!reply->is_error()) return std::nullopt;
  return judge_login_error(reply->text);
}

}  // namespace observerd::cache
