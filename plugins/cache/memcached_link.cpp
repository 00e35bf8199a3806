#include "cache/memcached_link.hpp"

#include "common/classify.hpp"

namespace observerd::cache {
namespace {

constexpr std::size_t kMostLineBytes = 4'096;
// Memcached answers while it reads, and stops reading when nobody takes its answers.
constexpr std::size_t kPipelineBytes = 64 * 1024;

}  // namespace

std::optional<sdk::Result> MemcachedLink::exchange(const std::vector<std::string>& commands,
                                                   std::vector<std::string>& lines,
                                                   const Limit& limit) {
  if (auto failed = open(limit)) return failed;
  std::string bytes;
  for (std::size_t next = 0; next < commands.size();) {
    bytes.clear();
    const std::size_t first = next;
    while (next < commands.size() && bytes.size() < kPipelineBytes) bytes += commands[next++];
    if (!send(bytes)) return broken();
    for (std::size_t i = first; i < next; ++i) {
      const auto line = reader().line(kMostLineBytes);
      if (!line) return broken();
      lines.emplace_back(*line);
    }
  }
  host().count("commands_total", static_cast<double>(commands.size()));
  return std::nullopt;
}

std::optional<sdk::Result> MemcachedLink::log_in() {
  if (settings().password.empty()) return std::nullopt;
  // The text protocol's login (memcached -Y FILE): it looks like a set of any key.
  const std::string login = settings().username + " " + settings().password;
  if (!send("set observerd 0 0 " + std::to_string(login.size()) + "\r\n" + login + "\r\n")) {
    return broken();
  }
  const auto line = reader().line(kMostLineBytes);
  if (!line) return broken();
  const sdk::Result result = judge_line(*line);
  if (result.outcome == OBSERVERD_DELIVERED) return std::nullopt;
  return result;
}

sdk::Result judge_line(std::string_view line) {
  if (line == "HD" || line == "NF" || line == "STORED") return sdk::delivered();
  const std::string text = "memcached says " + common::excerpt(line, 200);
  if (line == "NS" || line == "EX") return sdk::retry("memcached_not_stored", text);
  if (line.starts_with("ERROR Too many")) return sdk::retry("memcached_max_clients", text);
  if (line == "ERROR") {
    return sdk::misconfigured("memcached_unknown_command",
                              "it does not know the meta commands of memcached 1.6");
  }
  if (line.starts_with("CLIENT_ERROR unauthenticated") ||
      line.starts_with("CLIENT_ERROR authentication")) {
    return sdk::misconfigured("memcached_auth", text);
  }
  if (line.starts_with("SERVER_ERROR object too large")) {
    return sdk::rejected("memcached_too_large", text);
  }
  if (line.starts_with("SERVER_ERROR out of memory")) {
    return sdk::retry("memcached_out_of_memory", text);
  }
  if (line.starts_with("SERVER_ERROR")) return sdk::retry("memcached_server_error", text);
  if (line.starts_with("CLIENT_ERROR cannot increment")) {
    return sdk::rejected("memcached_not_a_number", text);
  }
  if (line.starts_with("CLIENT_ERROR")) return sdk::rejected("memcached_client_error", text);
  return sdk::retry("malformed_answer", text);
}

}  // namespace observerd::cache
