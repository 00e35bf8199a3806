#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "cache/redis_error.hpp"
#include "cache/redis_nodes.hpp"
#include "cache/slots.hpp"

namespace observerd::cache {
namespace {

/// A command may be sent on so often; a cluster that is being rebuilt must not keep it for ever.
constexpr int kMostHops = 8;

/// A Redis Cluster: commands go to the master of their slot, grouped, and follow MOVED and ASK. The
/// map of slots is asked for at first use and again after MOVED, a lost node, or CLUSTERDOWN.
class Cluster final : public Redis {
 public:
  Cluster(RedisNodes& nodes, std::vector<Endpoint> seeds, sdk::Host host)
      : nodes_(nodes), seeds_(std::move(seeds)), host_(host) {}

  std::vector<Answer> run(const std::vector<Command>& commands, const Limit& limit) override;
  std::variant<std::vector<Endpoint>, sdk::Result> masters(const Limit& limit) override;
  bool is_cluster() const override { return true; }

 private:
  using Map = std::shared_ptr<const SlotMap>;
  struct Routed {
    std::size_t index = 0;
    Endpoint node;
    bool is_asking = false;
  };
  struct Run;

  std::variant<Map, sdk::Result> map(const Limit& limit);
  std::variant<Map, sdk::Result> fetch_map(const Limit& limit);
  void map_is_old() {
    const std::lock_guard lock(mutex_);
    is_old_ = true;
  }
  void run_group(Run& run, const std::vector<Routed>& group);
  void take(Run& run, const Routed& routed, Reply reply);
  void route_lost(Run& run);

  RedisNodes& nodes_;
  const std::vector<Endpoint> seeds_;
  const sdk::Host host_;
  std::mutex mutex_;
  Map map_;
  bool is_old_ = true;
};

/// One call of run().
struct Cluster::Run {
  const std::vector<Command>& commands;
  const Limit& limit;
  std::vector<Answer> answers;
  std::vector<Routed> next;  ///< to be sent (on)
  std::vector<Routed> lost;  ///< whose node could not be reached

  void route(std::size_t index, const SlotMap& map) {
    const Command& command = commands[index];
    const Endpoint* node = command.node ? &*command.node : nullptr;
    if (node == nullptr && command.slot >= 0) node = map.node_of(command.slot);
    if (node == nullptr && command.slot < 0 && !map.nodes().empty()) node = &map.nodes().front();
    if (node != nullptr) {
      next.push_back({index, *node, false});
    } else {
      answers[index] = sdk::retry("redis_no_node", "no node of the cluster serves this slot");
    }
  }
};

std::vector<Answer> Cluster::run(const std::vector<Command>& commands, const Limit& limit) {
  const auto known = map(limit);
  if (const auto* failure = std::get_if<sdk::Result>(&known)) {
    return std::vector<Answer>(commands.size(), *failure);
  }
  Run run{commands, limit, {}, {}, {}};
  run.answers.assign(commands.size(),
                     sdk::retry("redis_moving", "the cluster sent it on again and again"));
  for (std::size_t i = 0; i < commands.size(); ++i) run.route(i, *std::get<Map>(known));
  for (int hop = 0; hop < kMostHops && !run.next.empty(); ++hop) {
    std::vector<Routed> now = std::exchange(run.next, {});
    std::stable_sort(now.begin(), now.end(), [](const Routed& a, const Routed& b) {
      return std::pair(std::string_view(a.node.host), a.node.port) <
             std::pair(std::string_view(b.node.host), b.node.port);
    });
    for (auto first = now.begin(); first != now.end();) {
      const auto last = std::find_if(
          first, now.end(), [&](const Routed& routed) { return routed.node != first->node; });
      run_group(run, {first, last});
      first = last;
    }
    if (!run.lost.empty()) route_lost(run);
  }
  return std::move(run.answers);
}

void Cluster::run_group(Run& run, const std::vector<Routed>& group) {
  std::vector<Sent> sent;
  for (const Routed& routed : group) {
    sent.push_back({&run.commands[routed.index], routed.is_asking});
  }
  std::vector<Reply> replies;
  const auto failure = nodes_.exchange(group.front().node, sent, replies, run.limit);
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (i < replies.size()) {
      take(run, group[i], std::move(replies[i]));
    } else {
      run.answers[group[i].index] = *failure;
      run.lost.push_back(group[i]);
    }
  }
}

void Cluster::take(Run& run, const Routed& routed, Reply reply) {
  if (!reply.is_error()) {
    run.answers[routed.index] = std::move(reply);
    return;
  }
  if (is_demoted(reply.text)) map_is_old();
  const auto redirection = parse_redirection(reply.text, routed.node);
  if (!redirection) {
    run.answers[routed.index] = std::move(reply);
    return;
  }
  host_.count("redirections_total", 1, {{"kind", redirection->is_ask ? "ask" : "moved"}});
  if (!redirection->is_ask) map_is_old();
  run.next.push_back({routed.index, redirection->node, redirection->is_ask});
}

/// A replica may have taken the place of a node that cannot be reached.
void Cluster::route_lost(Run& run) {
  map_is_old();
  const auto lost = std::exchange(run.lost, {});
  if (std::chrono::steady_clock::now() >= run.limit.deadline) return;
  const auto now = map(run.limit);
  if (std::holds_alternative<sdk::Result>(now)) return;
  for (const Routed& routed : lost) {
    const int slot = run.commands[routed.index].slot;
    const Endpoint* node = slot < 0 ? nullptr : std::get<Map>(now)->node_of(slot);
    if (node != nullptr && *node != routed.node) run.next.push_back({routed.index, *node, false});
  }
}

std::variant<std::vector<Endpoint>, sdk::Result> Cluster::masters(const Limit& limit) {
  const auto known = map(limit);
  if (const auto* failure = std::get_if<sdk::Result>(&known)) return *failure;
  return std::get<Map>(known)->nodes();
}

std::variant<Cluster::Map, sdk::Result> Cluster::map(const Limit& limit) {
  {
    const std::lock_guard lock(mutex_);
    if (!is_old_) return map_;
  }
  auto fetched = fetch_map(limit);
  const std::lock_guard lock(mutex_);
  if (auto* fresh = std::get_if<Map>(&fetched)) {
    map_ = *fresh;
    is_old_ = false;
  }
  return fetched;
}

std::variant<Cluster::Map, sdk::Result> Cluster::fetch_map(const Limit& limit) {
  std::vector<Endpoint> candidates;
  {
    const std::lock_guard lock(mutex_);
    if (map_ != nullptr) candidates = map_->nodes();
  }
  candidates.insert(candidates.end(), seeds_.begin(), seeds_.end());
  const Command command{{"CLUSTER", "SLOTS"}, -1, {}};
  sdk::Result last = sdk::retry("redis_no_node", "no node of the cluster could be asked");
  for (const Endpoint& node : candidates) {
    std::vector<Reply> replies;
    if (auto failure = nodes_.exchange(node, {{&command}}, replies, limit)) {
      last = *std::move(failure);
      continue;
    }
    if (replies.front().is_error()) {
      last = judge_login_error(replies.front().text);
      continue;
    }
    auto map = SlotMap::parse(replies.front(), node);
    if (!map || map->nodes().empty()) {
      last = sdk::retry("redis_no_node", node.text() + " knows of no node that serves slots");
      continue;
    }
    std::vector<Endpoint> kept = map->nodes();
    kept.insert(kept.end(), seeds_.begin(), seeds_.end());
    nodes_.links().keep_only(kept);
    return std::make_shared<const SlotMap>(*std::move(map));
  }
  return last;
}

}  // namespace

std::unique_ptr<Redis> make_cluster(RedisNodes& nodes, std::vector<Endpoint> seeds,
                                    sdk::Host host) {
  return std::make_unique<Cluster>(nodes, std::move(seeds), host);
}

}  // namespace observerd::cache
