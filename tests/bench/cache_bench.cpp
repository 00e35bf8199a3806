// Redis keys invalidated a second through the cache plugin, beside redis-benchmark with pipelines
// of the same length, in one run:
//
//   bench_cache [--check] [--record] [--keys N]
//
// A private redis-server without persistence. Before each round it is filled with N random keys of
// N; then N random ones of the same are removed with UNLINK: by four threads that hand the plugin
// batches of 1,000 items, one key each, and by redis-benchmark over four connections, 1,000
// commands a pipeline. The ways take turns, medians count. --check and --record: as bench_pipeline,
// with the ratio in cache.recorded.json.
#include <random>
#include <thread>

#include "loaded_plugin.hpp"
#include "matching/measure.hpp"
#include "report.hpp"
#include "support/redis_server.hpp"

namespace observerd::bench {
namespace {

constexpr std::size_t kBatch = 1'000;
constexpr std::size_t kAtATime = 4;

using Texts = std::vector<std::shared_ptr<const std::string>>;

/// The plugin, which is given whole batches by several threads.
class Plugin {
 public:
  explicit Plugin(const std::string& address)
      : plugin_("cache",
                R"({"allow_addresses": ["127.0.0.0/8"], "servers": [")" + address + R"("]})",
                R"({"keys": ["{{ key }}"]})") {}

  /// Each text is the rendered settings of one item.
  std::vector<std::vector<plugin::Item>> batches_of(const Texts& settings) const {
    std::vector<std::vector<plugin::Item>> batches;
    for (std::size_t i = 0; i < settings.size(); ++i) {
      if (i % kBatch == 0) batches.emplace_back().reserve(kBatch);
      batches.back().push_back(plugin_.item(i));
      batches.back().back().settings_json = settings[i];
    }
    return batches;
  }

  void deliver(std::vector<std::vector<plugin::Item>> batches) {
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < kAtATime; ++t) {
      threads.emplace_back([&, t] {
        for (std::size_t at = t; at < batches.size(); at += kAtATime) deliver(batches[at]);
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

 private:
  void deliver(std::vector<plugin::Item>& items) {
    plugin_.module().deliver(std::move(items),
                             std::chrono::steady_clock::now() + std::chrono::seconds(60),
                             [](std::uint32_t, const plugin::ItemResult& result) {
                               if (result.outcome == plugin::Outcome::Delivered) return;
                               give_up("not delivered: " + result.code);
                             });
  }

  LoadedPlugin plugin_;
};

/// Items with random keys as redis-benchmark writes them.
Texts random_items(std::size_t keys) {
  std::mt19937_64 random(42);  // NOLINT(bugprone-random-generator-seed): the same in every run
  Texts items;
  for (std::size_t i = 0; i < keys; ++i) {
    std::string number = std::to_string(random() % keys);
    number.insert(0, 12 - number.size(), '0');
    items.push_back(std::make_shared<const std::string>(R"({"keys":["key:)" + number + "\"]}"));
  }
  return items;
}

/// Requests a second that redis-benchmark says.
double by_redis_benchmark(const testing::RedisServer& server, std::size_t keys,
                          const std::vector<std::string>& command) {
  const std::string count = std::to_string(keys);
  std::vector<std::string> words = {"redis-benchmark",
                                    "-p",
                                    std::to_string(server.port()),
                                    "-n",
                                    count,
                                    "-r",
                                    count,
                                    "-c",
                                    std::to_string(kAtATime),
                                    "-P",
                                    std::to_string(kBatch),
                                    "--csv"};
  words.insert(words.end(), command.begin(), command.end());
  const std::string said = testing::run_program(words);
  const std::size_t at = said.rfind("\n\"");  // "NAME","RATE","latency"…
  const std::size_t rate = at == std::string::npos ? at : said.find(",\"", at);
  if (rate == std::string::npos) give_up("redis-benchmark says: " + said);
  return std::stod(said.substr(rate + 2));
}

int measure(const Run& run) {
  const std::size_t keys = run.count;
  if (!testing::RedisServer::is_there()) give_up("redis-server and redis-tools are not installed");
  const testing::RedisServer server;
  const Texts items = random_items(keys);
  Plugin plugin(server.address());
  const auto fill = [&] { by_redis_benchmark(server, keys, {"SET", "key:__rand_int__", "value"}); };
  const auto removed_all_of = [&](const auto& work) {
    fill();
    const std::string before = server.ask({"DBSIZE"});
    work();
    if (std::stoul(server.ask({"DBSIZE"})) > std::stoul(before) / 2) give_up("keys are left");
  };
  std::vector<double> ours;
  std::vector<double> bare;
  for (int round = 0; round < 5; ++round) {
    removed_all_of([&] {
      auto batches = plugin.batches_of(items);
      const auto start = std::chrono::steady_clock::now();
      plugin.deliver(std::move(batches));
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
      ours.push_back(static_cast<double>(keys) / took.count());
    });
    removed_all_of([&] {
      bare.push_back(by_redis_benchmark(server, keys, {"UNLINK", "key:__rand_int__"}));
    });
  }
  Report report(OBSERVERD_SOURCE_DIR "/tests/bench/cache.recorded.json");
  report.compare("invalidations", "1/s", median(ours),
                 {"redis-benchmark, pipelined UNLINK", median(bare)}, Better::Higher);
  return report.conclude(run.check, run.record);
}

}  // namespace
}  // namespace observerd::bench

int main(int argc, char** argv) {
  return observerd::bench::measure(observerd::bench::run_of(argc, argv, "keys", 500'000));
}
