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
  stream_->set_limit(limit);
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
    if (!stream_->send(bytes)) return broken();
    for (std::size_t i = first; i < next; ++i) {
      if (commands[i].is_asking && !read_reply(*reader_)) return broken();
      auto reply = read_reply(*reader_);
      if (!reply) return broken();
      replies.push_back(*std::move(reply));
    }
  }
  host_.count("commands_total", static_cast<double>(commands.size()));
  return std::nullopt;
}

std::optional<sdk::Result> RedisLink::open(const Limit& limit) {
  if (stream_ != nullptr && !stream_->is_stale() && !reader_->has_rest()) {
    host_.count("connections_total", 1, {{"use", "kept"}});
    return std::nullopt;
  }
  Failure failure;
  reader_.reset();
  stream_ = Stream::dial(settings_.client.client, endpoint_, settings_.has_tls, limit, failure);
  if (stream_ == nullptr) return to_result(failure);
  host_.count("connections_total", 1, {{"use", "new"}});
  reader_.emplace(*stream_);
  stream_->set_limit(limit);
  auto refused = log_in();
  if (refused) stream_.reset();
  return refused;
}

std::optional<sdk::Result> RedisLink::log_in() {
  if (!settings_.password.empty()) {
    std::vector<std::string> words = {"AUTH"};
    if (!settings_.username.empty()) words.push_back(settings_.username);
    words.push_back(settings_.password);
    const auto reply = ask(words);
    if (!reply) return broken();
    if (reply->is_error()) return judge_login_error(reply->text);
  }
  if (settings_.database != 0) {
    const auto reply = ask({"SELECT", std::to_string(settings_.database)});
    if (!reply) return broken();
    if (reply->is_error()) return judge_login_error(reply->text);
  }
  return std::nullopt;
}

std::optional<Reply> RedisLink::ask(const std::vector<std::string>& words) {
  std::string bytes;
  encode_command(bytes, words);
  if (!stream_->send(bytes)) return std::nullopt;
  return read_reply(*reader_);
}

sdk::Result RedisLink::broken() const {
  if (reader_->is_malformed()) {
    return to_result({common::HttpError::Malformed,
                      endpoint_.text() + ": the answer is not Redis's, or larger than is read"});
  }
  Failure failure = stream_->failure();
  failure.detail = endpoint_.text() + ": " + failure.detail;
  return to_result(failure);
}

}  // namespace observerd::cache
