#include "../spooling.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace {

namespace sdk = observerd::sdk;

/// Appends lines and syncs them to the disk from a thread of its own. While one sync is under way
/// new items gather, and the next one is for all of them: deliver never waits for the disk.
class Spool final : public example::Spooling {
 public:
  using Spooling::Spooling;

  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("spool_async", "Appends lines to a file and syncs it.")
        .action_schema(example::action_schema)
        .max_batch(16)
        .async(16);
  }

  bool start() override {
    stopping_ = false;
    thread_ = std::thread([this] { run(); });
    return true;
  }

  void deliver_batch(sdk::Batch& batch) override {
    const std::lock_guard lock(mutex_);
    for (std::uint32_t i = 0; i < batch.size(); ++i) waiting_.push_back(batch.take(i));
    changed_.notify_one();
  }

  /// What is waiting is still written: that takes no longer than handing it back.
  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  using Deliveries = std::vector<sdk::Delivery>;

  void run() {
    for (Deliveries taken = take(); !taken.empty(); taken = take()) write(taken);
  }

  /// All that is waiting; none when the module stops.
  Deliveries take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    return std::exchange(waiting_, {});
  }

  static void write(Deliveries& deliveries) {
    std::map<std::string, std::string> lines;               // by file
    std::map<std::string, std::vector<sdk::Delivery*>> of;  // whose they are
    for (sdk::Delivery& delivery : deliveries) {
      const sdk::Item item = delivery.item();
      const std::string line = example::line_of(item);
      if (delivery.cancelled()) {
        delivery.report(sdk::cancelled());
      } else if (example::is_broken(line)) {
        delivery.report(sdk::rejected("broken_line", "a line end in the line"));
      } else {
        const std::string& file = item.action<example::Target>().file;
        lines[file] += line;
        of[file].push_back(&delivery);
      }
    }
    for (const auto& [file, text] : lines) {
      const sdk::Result result = example::append(file, text, true);
      for (sdk::Delivery* delivery : of[file]) delivery->report(result);
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  Deliveries waiting_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace

OBSERVERD_SDK_PLUGIN(0, sdk::PluginInfo("spool_async", "1.0.0").license("Apache-2.0"), Spool);
