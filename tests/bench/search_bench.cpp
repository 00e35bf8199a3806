// Documents a second through the search plugin, beside _bulk by bare libcurl, in one run:
//
//   bench_search [--check] [--record] [--documents N]
//
// A private OpenSearch (tests/support/install-opensearch.sh), documents of about 1 KB. Both ways
// send the same lines, 1,000 documents a request, two requests at a time, each into an index of its
// own; the ways take turns, medians count. --check and --record: as bench_pipeline, with the ratio
// in search.recorded.json.
#include <curl/curl.h>

#include <condition_variable>
#include <mutex>

#include "loaded_plugin.hpp"
#include "matching/measure.hpp"
#include "pipeline/curl_loop.hpp"
#include "report.hpp"
#include "support/opensearch_server.hpp"

namespace observerd::bench {
namespace {

constexpr std::size_t kBatch = 1'000;
constexpr std::size_t kAtATime = 2;
constexpr const char* kBulk =
    "/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason";

std::string row(std::size_t number) {
  const std::string id = std::to_string(number);
  std::string text = R"({"id":)" + id + R"(,"total":)" + id + R"(.50,"customer":"Customer )" + id +
                     R"(","note":")";
  while (text.size() < 1'000) text += "word" + std::to_string(text.size() * number % 997) + " ";
  return text + "\"}";
}

/// The plugin in the host's loader, and one action.
class Plugin {
 public:
  explicit Plugin(const std::string& url)
      : plugin_("search",
                R"({"flavour": "opensearch", "allow_http": true,
                    "allow_addresses": ["127.0.0.0/8"], "url": ")" +
                    url + "\"}",
                R"({"index": "ours"})") {}

  void deliver(const std::vector<std::shared_ptr<const std::string>>& events) {
    for (std::size_t first = 0; first < events.size(); first += kBatch) {
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return open_ <= (kAtATime - 1) * kBatch; });
        open_ += kBatch;
      }
      std::vector<plugin::Item> items;
      for (std::size_t i = first; i < first + kBatch; ++i) {
        plugin::Item& item = items.emplace_back(plugin_.item(i));
        item.order = i + 1;
        item.event_json = events[i];
        item.settings_json = settings_;
      }
      calls_.push_back(plugin_.module().deliver(
          std::move(items), std::chrono::steady_clock::now() + std::chrono::seconds(60),
          [this](std::uint32_t, const plugin::ItemResult& result) { reported(result); }));
    }
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return open_ == 0; });
    calls_.clear();
  }

 private:
  void reported(const plugin::ItemResult& result) {
    if (result.outcome != plugin::Outcome::Delivered) give_up("not delivered: " + result.code);
    const std::lock_guard lock(mutex_);
    if (--open_ % kBatch == 0) changed_.notify_all();
  }

  LoadedPlugin plugin_;
  const std::shared_ptr<const std::string> settings_ =
      std::make_shared<const std::string>(R"({"index":"ours"})");
  std::vector<std::shared_ptr<plugin::Call>> calls_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t open_ = 0;
};

/// Seconds of `work` on an index made anew; afterwards it must have all the documents.
double seconds_into(const testing::OpenSearchServer& engine, const std::string& index,
                    std::size_t documents, const std::function<void()>& work) {
  engine.request("DELETE", "/" + index);
  const auto made = engine.request("PUT", "/" + index,
                                   R"({"settings": {"number_of_shards": 1,
                                       "number_of_replicas": 0, "refresh_interval": "-1"}})");
  if (made.status != 200) give_up("no index: " + made.body);
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  engine.request("POST", "/" + index + "/_refresh");
  const auto count = engine.request("GET", "/" + index + "/_count?filter_path=count");
  if (count.body != R"({"count":)" + std::to_string(documents) + "}") {
    give_up("documents are missing: " + count.body);
  }
  return took.count();
}

int measure(const Run& run) {
  const std::size_t documents = (run.count + kBatch - 1) / kBatch * kBatch;
  if (!testing::OpenSearchServer::is_there()) give_up(testing::OpenSearchServer::missing());
  // As a server has it: a heap of 1 GiB, the optimising compiler.
  const testing::OpenSearchServer engine({"-Xms1g", "-Xmx1g", "-XX:TieredStopAtLevel=4"});
  std::vector<std::shared_ptr<const std::string>> events;
  std::vector<std::string> bodies;
  for (std::size_t i = 0; i < documents; ++i) {
    const std::string id = std::to_string(i);
    const std::string text = row(i);
    events.push_back(std::make_shared<const std::string>(
        R"({"event_id":"e","kind":"insert","entity":"Order","id":")" + id +
        R"(","type":"Order.insert","time":"2026-01-31T12:00:00Z","user":null,"new":)" + text +
        R"(,"old":null})"));
    if (i % kBatch == 0) bodies.emplace_back();
    bodies.back() += R"({"index":{"_index":"bare","_id":")" + id + R"(","version":)" +
                     std::to_string(i + 1) + R"(,"version_type":"external_gte"}})" + "\n" + text +
                     "\n";
  }
  Plugin plugin(engine.url());
  Report report(OBSERVERD_SOURCE_DIR "/tests/bench/search.recorded.json");
  const auto ours = [&] {
    return seconds_into(engine, "ours", documents, [&] { plugin.deliver(events); });
  };
  const auto bare = [&] {
    return seconds_into(engine, "bare", documents, [&] {
      post_with_bare_libcurl(engine.url(kBulk), bodies, bodies.size(), kAtATime,
                             "application/x-ndjson");
    });
  };
  ours();  // the engine warms up
  bare();
  std::vector<double> our_seconds;
  std::vector<double> bare_seconds;
  for (int round = 0; round < 5; ++round) {
    our_seconds.push_back(ours());
    bare_seconds.push_back(bare());
  }
  const auto count = static_cast<double>(documents);
  report.compare("documents", "1/s", count / median(our_seconds),
                 {"bare libcurl, the same _bulk", count / median(bare_seconds)}, Better::Higher);
  return report.conclude(run.check, run.record);
}

}  // namespace
}  // namespace observerd::bench

int main(int argc, char** argv) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
  return observerd::bench::measure(observerd::bench::run_of(argc, argv, "documents", 50'000));
}
