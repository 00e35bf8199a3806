#include <algorithm>
#include <chrono>
#include <utility>

#include "cache/backend.hpp"
#include "cache/link_pools.hpp"
#include "cache/memcached_link.hpp"
#include "cache/outcome.hpp"
#include "cache/settings.hpp"

namespace observerd::cache {
namespace {

constexpr std::size_t kMostKeyBytes = 250;

bool is_key(const std::string& key) {
  return key.size() <= kMostKeyBytes && std::all_of(key.begin(), key.end(), [](char c) {
           const auto byte = static_cast<unsigned char>(c);
           return byte > 0x20 && byte != 0x7f;
         });
}

bool are_keys(const std::vector<std::string>& keys) {
  return std::all_of(keys.begin(), keys.end(), is_key);
}

sdk::Result bad_key() {
  return sdk::rejected("cache_bad_key",
                       "a key of this event is longer than 250 bytes, or holds spaces or control"
                       " characters");
}

/// Times beyond thirty days are taken for moments (protocol.txt, "Expiration times").
std::string ttl_flag(Milliseconds ttl, WallTime now) {
  auto seconds = std::chrono::ceil<std::chrono::seconds>(ttl);
  if (seconds > std::chrono::hours(24 * 30)) {
    seconds += std::chrono::floor<std::chrono::seconds>(now.time_since_epoch());
  }
  return " T" + std::to_string(seconds.count());
}

/// Memcached, with meta commands (protocol.txt): md deletes or marks as stale, ms sets, ma adds.
class MemcachedBackend final : public Backend {
 public:
  MemcachedBackend(StoreSettings settings, sdk::Host host)
      : settings_(std::move(settings)), host_(host), links_(settings_, host) {}

  void check(const Operation& configured, const common::ProblemFn& problem) const override {
    static const std::vector<Shape> kShapes = {
        {Kind::Invalidate, {"keys", "tags"}, {}},
        {Kind::Refresh, {"keys"}, {"value", "ttl"}},
    };
    check_shape(configured, "memcached", kShapes, problem);
    if (configured.kind == Kind::Refresh && configured.value && settings_.servers.size() > 1) {
      problem("/value",
              "can be written to one server only: which of several has a key is known"
              " to the application alone; without it refresh marks as stale on all");
    }
  }

  std::string lane() const override { return settings_.lane("memcached"); }
  void start() override { links_.start(); }
  void stop() override { links_.stop(); }
  void deliver(Work& work) override;
  std::string preview(const Operation& operation) const override;
  std::string probe(const Limit& limit) override;

 private:
  std::vector<std::string> keys_of(const Operation& operation) const;
  std::vector<std::string> commands_of(const Operation& operation, WallTime now) const;
  void send_to(const Endpoint& server, const std::vector<std::string>& commands,
               const std::vector<std::size_t>& owners, std::vector<sdk::Result>& results,
               const Limit& limit);

  const StoreSettings settings_;
  const sdk::Host host_;
  LinkPools<MemcachedLink> links_;
};

std::vector<std::string> MemcachedBackend::keys_of(const Operation& operation) const {
  std::vector<std::string> keys;
  for (const std::string& key : operation.keys) keys.push_back(settings_.key(key));
  for (const std::string& tag : operation.tags) keys.push_back(settings_.tag(tag));
  return keys;
}

std::vector<std::string> MemcachedBackend::commands_of(const Operation& operation,
                                                       WallTime now) const {
  std::vector<std::string> commands;
  const std::string ttl = operation.ttl ? ttl_flag(*operation.ttl, now) : "";
  for (const std::string& name : operation.keys) {
    const std::string key = settings_.key(name);
    if (operation.kind == Kind::Invalidate) {
      commands.push_back("md " + key + "\r\n");
    } else if (operation.value) {
      commands.push_back("ms " + key + " " + std::to_string(operation.value->size()) + ttl +
                         "\r\n" + *operation.value + "\r\n");
    } else {
      commands.push_back("md " + key + " I" + ttl + "\r\n");
    }
  }
  // A counter that was evicted begins with the time, which is more than it can have been: a
  // namespace of before never comes back.
  const auto first = std::chrono::duration_cast<Milliseconds>(now.time_since_epoch()).count();
  for (const std::string& tag : operation.tags) {
    commands.push_back("ma " + settings_.tag(tag) + " N0 J" + std::to_string(first) + "\r\n");
  }
  return commands;
}

void MemcachedBackend::deliver(Work& work) {
  std::vector<std::string> commands;
  std::vector<std::size_t> owners;  // of each command: the place of its operation
  std::vector<sdk::Result> results(work.operations.size(), sdk::delivered());
  const WallTime now = std::chrono::system_clock::now();
  for (std::size_t i = 0; i < work.operations.size(); ++i) {
    const std::vector<std::string> keys = keys_of(work.operations[i]);
    if (!are_keys(keys)) {
      results[i] = bad_key();
      continue;
    }
    for (std::string& command : commands_of(work.operations[i], now)) {
      commands.push_back(std::move(command));
      owners.push_back(i);
    }
  }
  if (!commands.empty()) {
    for (const Endpoint& server : settings_.servers) {
      send_to(server, commands, owners, results, work.limit);
    }
  }
  for (std::size_t i = 0; i < results.size(); ++i) work.report(i, results[i]);
}

void MemcachedBackend::send_to(const Endpoint& server, const std::vector<std::string>& commands,
                               const std::vector<std::size_t>& owners,
                               std::vector<sdk::Result>& results, const Limit& limit) {
  const auto links = links_.of(server);
  auto link = links->borrow(limit.deadline);
  std::vector<std::string> lines;
  auto failure = link ? link->exchange(commands, lines, limit) : no_link(server);
  if (failure) link.discard();
  std::size_t changed = 0;
  for (std::size_t i = 0; i < commands.size(); ++i) {
    sdk::Result& result = results[owners[i]];
    result = worse_of(std::move(result), i < lines.size() ? judge_line(lines[i]) : *failure);
    if (i < lines.size() && lines[i] == "HD") ++changed;
  }
  host_.count("keys_total", static_cast<double>(changed));
}

std::string MemcachedBackend::preview(const Operation& operation) const {
  if (!are_keys(keys_of(operation))) return bad_key().code + ": " + bad_key().message;
  std::string text;
  for (const Endpoint& server : settings_.servers) text += "# " + server.text() + "\n";
  if (!settings_.password.empty()) text += "set observerd 0 0 (login)\n***\n";
  for (const std::string& command : commands_of(operation, std::chrono::system_clock::now())) {
    text += command;
  }
  std::erase(text, '\r');
  return text;
}

std::string MemcachedBackend::probe(const Limit& limit) {
  for (const Endpoint& server : settings_.servers) {
    const auto links = links_.of(server);
    auto link = links->borrow(limit.deadline);
    std::vector<std::string> lines;
    const auto failure = link ? link->exchange({"mn\r\n"}, lines, limit) : no_link(server);
    if (failure) {
      link.discard();
      return failure->code + ": " + failure->message;
    }
    if (lines.front() == "MN") continue;
    const sdk::Result result = judge_line(lines.front());
    return server.text() + ": " + result.code + ": " + result.message;
  }
  return {};
}

}  // namespace

std::unique_ptr<Backend> make_memcached(const json::Value& settings,
                                        const common::ClientSettings& client, sdk::Host host,
                                        const common::ProblemFn& problem) {
  refuse_members(settings, kNotForStores, "memcached", problem);
  refuse_members(settings, {"cluster", "database", "scan_limit"}, "memcached", problem);
  return std::make_unique<MemcachedBackend>(parse_store(settings, client, 11'211, problem), host);
}

}  // namespace observerd::cache
