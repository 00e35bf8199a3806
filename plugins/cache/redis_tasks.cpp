#include "cache/redis_tasks.hpp"

#include <utility>

#include "cache/glob.hpp"
#include "cache/redis_error.hpp"
#include "cache/redis_rounds.hpp"
#include "cache/slots.hpp"

namespace observerd::cache {
namespace {

Command with_key(std::vector<std::string> words, const std::string& key) {
  const int slot = slot_of(key);
  return {std::move(words), slot, {}};
}

/// Commands that do not depend on each other's answers: one round.
class DirectTask final : public Task {
 public:
  explicit DirectTask(std::vector<Command> commands) : commands_(std::move(commands)) {}

  bool is_over() const override { return commands_.empty(); }
  std::vector<Command> ask() override { return std::exchange(commands_, {}); }

  void take(std::vector<Answer> answers) override {
    for (const Answer& answer : answers) {
      const Reply* reply = reply_of(answer);
      if (reply == nullptr) continue;
      const bool is_count = reply->type == Reply::Type::Integer && reply->number > 0;
      if (is_count) add_keys(static_cast<std::size_t>(reply->number));
      if (reply->type == Reply::Type::Status) add_keys(1);
    }
  }

 private:
  std::vector<Command> commands_;
};

}  // namespace

const Reply* Task::reply_of(const Answer& answer) {
  if (const auto* failed = std::get_if<sdk::Result>(&answer)) {
    fail(*failed);
    return nullptr;
  }
  const Reply& reply = std::get<Reply>(answer);
  if (!reply.is_error()) return &reply;
  fail(judge_error(reply.text));
  return nullptr;
}

std::vector<Command> unlink_commands(const std::vector<std::string>& keys, bool is_cluster) {
  std::vector<Command> commands;
  if (is_cluster) {
    for (const std::string& key : keys) commands.push_back(with_key({"UNLINK", key}, key));
  } else if (!keys.empty()) {
    Command command{{"UNLINK"}, -1, {}};
    command.words.insert(command.words.end(), keys.begin(), keys.end());
    commands.push_back(std::move(command));
  }
  return commands;
}

std::vector<Command> direct_commands(const Operation& operation, const StoreSettings& settings,
                                     bool is_cluster) {
  if (operation.kind == Kind::Publish) {
    return {{{"PUBLISH", operation.channel, operation.value.value_or("")}, -1, {}}};
  }
  std::vector<std::string> keys;
  for (const std::string& key : operation.keys) keys.push_back(settings.key(key));
  if (operation.kind == Kind::Invalidate) return unlink_commands(keys, is_cluster);
  std::vector<Command> commands;
  for (const std::string& key : keys) {
    std::vector<std::string> words = {"SET", key, operation.value.value_or("")};
    if (operation.ttl) {
      words.insert(words.end(), {"PX", std::to_string(operation.ttl->count())});
    }
    commands.push_back(with_key(std::move(words), key));
  }
  return commands;
}

std::vector<std::unique_ptr<Task>> make_tasks(const Operation& operation,
                                              const TaskContext& context) {
  std::vector<std::unique_ptr<Task>> tasks;
  auto commands = direct_commands(operation, context.settings, context.is_cluster);
  if (!commands.empty()) tasks.push_back(std::make_unique<DirectTask>(std::move(commands)));
  if (operation.has("key_pattern")) {
    tasks.push_back(make_pattern_task(context, operation.key_pattern));
  }
  for (const std::string& tag : operation.tags) tasks.push_back(make_tag_task(context, tag));
  return tasks;
}

}  // namespace observerd::cache
