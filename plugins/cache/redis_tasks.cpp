#include "cache/redis_tasks.hpp"

#include <utility>

#include "cache/redis_error.hpp"
#include "cache/redis_rounds.hpp"
#include "cache/slots.hpp"

namespace observerd::cache {
namespace {

/// A command whose second word is its key.
Command on_key(std::string_view name, std::string key) {
  Command command;
  command.slot = slot_of(key);
  command.words.reserve(5);
  command.words.emplace_back(name);
  command.words.push_back(std::move(key));
  return command;
}

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

void add_unlink(std::vector<std::string> keys, bool is_cluster, std::vector<Command>& commands) {
  if (keys.empty()) return;
  if (is_cluster) {
    for (std::string& key : keys) commands.push_back(on_key("UNLINK", std::move(key)));
    return;
  }
  keys.insert(keys.begin(), "UNLINK");
  commands.emplace_back().words = std::move(keys);
}

void add_direct(Operation& operation, const StoreSettings& settings, bool is_cluster,
                std::vector<Command>& commands) {
  if (operation.kind == Kind::Publish) {
    commands.push_back({{"PUBLISH", operation.channel, operation.value.value_or("")}, -1, {}});
    return;
  }
  for (std::string& key : operation.keys) key.insert(0, settings.key_prefix);
  if (operation.kind == Kind::Invalidate) {
    add_unlink(std::move(operation.keys), is_cluster, commands);
    return;
  }
  for (std::string& key : operation.keys) {
    Command command = on_key("SET", std::move(key));
    command.words.push_back(operation.value.value_or(""));
    if (operation.ttl) {
      command.words.insert(command.words.end(), {"PX", std::to_string(operation.ttl->count())});
    }
    commands.push_back(std::move(command));
  }
}

std::size_t keys_done(const Reply& reply) {
  if (reply.type == Reply::Type::Status) return 1;
  return reply.number > 0 ? static_cast<std::size_t>(reply.number) : 0;
}

std::vector<std::unique_ptr<Task>> make_tasks(const Operation& operation,
                                              const TaskContext& context) {
  std::vector<std::unique_ptr<Task>> tasks;
  if (operation.has("key_pattern")) {
    tasks.push_back(make_pattern_task(context, operation.key_pattern));
  }
  for (const std::string& tag : operation.tags) tasks.push_back(make_tag_task(context, tag));
  return tasks;
}

}  // namespace observerd::cache
