#include <algorithm>
#include <array>
#include <utility>

#include "cache/backend.hpp"
#include "cache/outcome.hpp"
#include "cache/redis_error.hpp"
#include "cache/redis_tasks.hpp"

namespace observerd::cache {
namespace {

constexpr std::size_t kKinds = 5;

/// The tasks of one item that is under way.
struct Running {
  std::size_t index = 0;
  std::vector<std::unique_ptr<Task>> tasks;
};

class RedisBackend final : public Backend {
 public:
  RedisBackend(StoreSettings settings, bool is_cluster, sdk::Host host)
      : settings_(std::move(settings)), host_(host), nodes_(settings_, host) {
    if (settings_.servers.empty()) return;  // refused: never used
    redis_ = is_cluster ? make_cluster(nodes_, settings_.servers, host)
                        : make_single(nodes_, settings_.servers.front());
  }

  void check(const Operation& configured, const common::ProblemFn& problem) const override {
    static const std::vector<Shape> kShapes = {
        {Kind::Invalidate, {"keys", "key_pattern", "tags"}, {}},
        {Kind::Refresh, {"keys"}, {"value", "ttl"}},
        {Kind::Publish, {"channel"}, {"value"}},
    };
    check_shape(configured, "redis", kShapes, problem);
    if (configured.kind == Kind::Refresh && !configured.value) {
      problem("/value", "refresh writes it: say what");
    }
  }

  std::string lane() const override { return settings_.lane("redis"); }
  void start() override { nodes_.links().start(); }
  void stop() override { nodes_.links().stop(); }
  void deliver(Work& work) override;
  std::string preview(const Operation& operation) const override;
  std::string probe(const Limit& limit) override;

 private:
  std::vector<sdk::Result> run_direct(Work& work);
  std::vector<Running> begin(const Work& work, std::vector<sdk::Result>& results);
  void run_round(std::vector<Running>& running, const Limit& limit);
  void report_finished(std::vector<Running>& running, std::vector<sdk::Result>& results,
                       const Work& work);

  void count_keys(Kind kind, std::size_t count) const {
    if (count == 0) return;
    host_.count("keys_total", static_cast<double>(count), {{"operation", kind_word(kind)}});
  }

  const StoreSettings settings_;
  const sdk::Host host_;
  RedisNodes nodes_;
  std::unique_ptr<Redis> redis_;
};

void RedisBackend::deliver(Work& work) {
  std::vector<sdk::Result> results = run_direct(work);
  std::vector<Running> running = begin(work, results);
  std::vector<bool> is_running(results.size(), false);
  for (const Running& item : running) is_running[item.index] = true;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!is_running[i]) work.report(i, results[i]);
  }
  while (!running.empty()) {
    run_round(running, work.limit);
    report_finished(running, results, work);
  }
}

/// All commands that need no others before them, of all items together. Takes the keys with it.
std::vector<sdk::Result> RedisBackend::run_direct(Work& work) {
  std::vector<sdk::Result> results(work.operations.size(), sdk::delivered());
  std::vector<Command> commands;
  std::vector<std::size_t> owners;
  commands.reserve(work.operations.size());
  for (std::size_t i = 0; i < work.operations.size(); ++i) {
    add_direct(work.operations[i], settings_, redis_->is_cluster(), commands);
    owners.resize(commands.size(), i);
  }
  if (commands.empty()) return results;
  const std::vector<Answer> answers = redis_->run(commands, work.limit);
  std::array<std::size_t, kKinds> keys{};
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto* reply = std::get_if<Reply>(&answers[i]);
    if (reply != nullptr && !reply->is_error()) {
      keys[static_cast<std::size_t>(work.operations[owners[i]].kind)] += keys_done(*reply);
      continue;
    }
    sdk::Result& result = results[owners[i]];
    result = worse_of(std::move(result), reply != nullptr ? judge_error(reply->text)
                                                          : std::get<sdk::Result>(answers[i]));
  }
  for (const Kind kind : {Kind::Invalidate, Kind::Refresh, Kind::Publish}) {
    count_keys(kind, keys[static_cast<std::size_t>(kind)]);
  }
  return results;
}

/// Makes the tasks of what has patterns or tags. What cannot begin gets its result.
std::vector<Running> RedisBackend::begin(const Work& work, std::vector<sdk::Result>& results) {
  TaskContext context{settings_, redis_->is_cluster(), {}};
  const bool has_pattern =
      std::any_of(work.operations.begin(), work.operations.end(),
                  [](const Operation& operation) { return operation.has("key_pattern"); });
  std::optional<sdk::Result> no_masters;
  if (has_pattern) {
    auto masters = redis_->masters(work.limit);
    if (auto* nodes = std::get_if<std::vector<Endpoint>>(&masters)) {
      context.masters = std::move(*nodes);
    } else {
      no_masters = std::get<sdk::Result>(masters);
    }
  }
  std::vector<Running> running;
  for (std::size_t i = 0; i < work.operations.size(); ++i) {
    const Operation& operation = work.operations[i];
    if (no_masters && operation.has("key_pattern")) {
      results[i] = worse_of(std::move(results[i]), *no_masters);
    } else if (operation.has("key_pattern") || operation.has("tags")) {
      running.push_back({i, make_tasks(operation, context)});
    }
  }
  return running;
}

/// Asks every task that is not over, sends it all together, and hands the answers out.
void RedisBackend::run_round(std::vector<Running>& running, const Limit& limit) {
  std::vector<Command> commands;
  std::vector<std::pair<Task*, std::size_t>> askers;
  for (Running& item : running) {
    for (auto& task : item.tasks) {
      if (task->is_over()) continue;
      auto asked = task->ask();
      askers.emplace_back(task.get(), asked.size());
      commands.insert(commands.end(), std::make_move_iterator(asked.begin()),
                      std::make_move_iterator(asked.end()));
    }
  }
  auto answers = redis_->run(commands, limit);
  auto next = std::make_move_iterator(answers.begin());
  for (const auto& [task, count] : askers) {
    const auto end = next + static_cast<std::ptrdiff_t>(count);
    task->take({next, end});
    next = end;
  }
}

void RedisBackend::report_finished(std::vector<Running>& running, std::vector<sdk::Result>& results,
                                   const Work& work) {
  const auto is_over = [](const Running& item) {
    return std::all_of(item.tasks.begin(), item.tasks.end(),
                       [](const auto& task) { return task->is_over(); });
  };
  std::size_t keys = 0;
  for (const Running& item : running) {
    if (!is_over(item)) continue;
    sdk::Result& result = results[item.index];
    for (const auto& task : item.tasks) {
      if (task->failure()) result = worse_of(std::move(result), *task->failure());
      keys += task->keys();
    }
    work.report(item.index, result);
  }
  std::erase_if(running, is_over);
  count_keys(Kind::Invalidate, keys);
}

std::string RedisBackend::preview(const Operation& operation) const {
  std::string text;
  const auto add = [&](const std::vector<std::string>& words) {
    text += command_text(words) + "\n";
  };
  if (!settings_.password.empty()) {
    text += "AUTH " + (settings_.username.empty() ? "" : settings_.username + " ") + "***\n";
  }
  if (settings_.database != 0) add({"SELECT", std::to_string(settings_.database)});
  Operation copy = operation;
  std::vector<Command> direct;
  add_direct(copy, settings_, redis_->is_cluster(), direct);
  for (const Command& command : direct) add(command.words);
  if (operation.has("key_pattern")) {
    add(scan_words("0", prefixed_pattern(settings_, operation.key_pattern)));
    text += "  and on with its cursor; UNLINK of what it finds\n";
  }
  for (const std::string& tag : operation.tags) {
    add(set_scan_words(settings_.tag(tag), "0"));
    text += "  and on with its cursor; UNLINK of what it finds, SREM of the entries\n";
  }
  return text;
}

std::string RedisBackend::probe(const Limit& limit) {
  const auto masters = redis_->masters(limit);
  if (const auto* failure = std::get_if<sdk::Result>(&masters)) {
    return failure->code + ": " + failure->message;
  }
  std::vector<Command> commands;
  for (const Endpoint& node : std::get<std::vector<Endpoint>>(masters)) {
    commands.push_back({{"PING"}, -1, node});
  }
  for (const Answer& answer : redis_->run(commands, limit)) {
    const auto* reply = std::get_if<Reply>(&answer);
    if (reply != nullptr && !reply->is_error()) continue;
    const sdk::Result failure =
        reply != nullptr ? judge_error(reply->text) : std::get<sdk::Result>(answer);
    return failure.code + ": " + failure.message;
  }
  return {};
}

}  // namespace

std::unique_ptr<Backend> make_redis(const json::Value& settings,
                                    const common::ClientSettings& client, sdk::Host host,
                                    const common::ProblemFn& problem) {
  const bool is_cluster = read_flag(settings, "cluster");
  StoreSettings store = parse_store(settings, client, 6379, problem);
  if (!is_cluster && store.servers.size() > 1) {
    problem("/servers", "one server, or nodes of a cluster with \"cluster\": true");
  }
  if (is_cluster && store.database != 0) problem("/database", "a cluster has only database 0");
  refuse_members(settings, kNotForStores, "redis", problem);
  return std::make_unique<RedisBackend>(std::move(store), is_cluster, host);
}

}  // namespace observerd::cache
