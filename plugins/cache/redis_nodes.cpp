#include "cache/redis_nodes.hpp"

#include <algorithm>

#include "cache/redis_error.hpp"

namespace observerd::cache {
namespace {

bool any_demoted(const std::vector<Reply>& replies) {
  return std::any_of(replies.begin(), replies.end(),
                     [](const Reply& reply) { return reply.is_error() && is_demoted(reply.text); });
}

/// One server that has all keys.
class Single final : public Redis {
 public:
  Single(RedisNodes& nodes, Endpoint server) : nodes_(nodes), server_(std::move(server)) {}

  std::vector<Answer> run(const std::vector<Command>& commands, const Limit& limit) override {
    std::vector<Sent> sent;
    sent.reserve(commands.size());
    for (const Command& command : commands) sent.push_back({&command});
    std::vector<Reply> replies;
    replies.reserve(commands.size());
    const auto failure = nodes_.exchange(server_, sent, replies, limit);
    std::vector<Answer> answers;
    answers.reserve(commands.size());
    for (Reply& reply : replies) answers.emplace_back(std::move(reply));
    while (answers.size() < commands.size()) answers.emplace_back(*failure);
    return answers;
  }

  std::variant<std::vector<Endpoint>, sdk::Result> masters(const Limit& /*limit*/) override {
    return std::vector<Endpoint>{server_};
  }
  bool is_cluster() const override { return false; }

 private:
  RedisNodes& nodes_;
  const Endpoint server_;
};

}  // namespace

std::unique_ptr<Redis> make_single(RedisNodes& nodes, Endpoint server) {
  return std::make_unique<Single>(nodes, std::move(server));
}

std::optional<sdk::Result> RedisNodes::exchange(const Endpoint& node,
                                                const std::vector<Sent>& commands,
                                                std::vector<Reply>& replies, const Limit& limit) {
  const auto links = links_.of(node);
  auto link = links->borrow(limit.deadline);
  if (!link) return no_link(node);
  auto failure = link->exchange(commands, replies, limit);
  if (failure || any_demoted(replies)) link.discard();
  return failure;
}

}  // namespace observerd::cache
