// Asynchronous, on the SDK. What an item's settings say decides: "hold" is reported when the batch
// is cancelled, "drop" loses its Delivery, "lose" is kept until the process ends, anything else is
// delivered from the module's thread.
#include <observerd/plugin.hpp>

#include <poll.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

namespace sdk = observerd::sdk;

namespace {

class Async final : public sdk::Module {
 public:
  using Module::Module;
  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("async", "A fixture.")
        .action_schema(R"({"type":"object"})")
        .max_batch(8)
        .async(4);
  }

  bool start() override {
    stopped_ = false;
    thread_ = std::thread([this] { run(); });
    return true;
  }

  void deliver_batch(sdk::Batch& batch) override {
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      sdk::Delivery delivery = batch.take(i);
      const std::string settings(delivery.item().settings());
      if (settings.find("drop") != std::string::npos) continue;
      if (settings.find("lose") != std::string::npos) {
        lost().push_back(std::move(delivery));
        continue;
      }
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(delivery));
      wake_.notify_one();
    }
  }

  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
      wake_.notify_one();
    }
    if (thread_.joinable()) thread_.join();
  }

 private:
  // Never destroyed, as a plugin that forgets: not even at exit are these reported.
  static std::deque<sdk::Delivery>& lost() {
    static auto* const deliveries = new std::deque<sdk::Delivery>;
    return *deliveries;
  }

  std::optional<sdk::Delivery> next() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stopped_ || !queue_.empty(); });
    if (queue_.empty()) return std::nullopt;
    sdk::Delivery delivery = std::move(queue_.front());
    queue_.pop_front();
    return delivery;
  }

  void run() {
    while (std::optional<sdk::Delivery> delivery = next()) {
      const sdk::Item item = delivery->item();
      if (item.settings().find("hold") != std::string_view::npos) {
        pollfd cancelled{item.cancel_fd(), POLLIN, 0};
        while (!item.cancelled()) poll(&cancelled, 1, 10'000);
        delivery->report(sdk::cancelled());
      } else {
        delivery->report(sdk::delivered(std::string(item.delivery_id())));
      }
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<sdk::Delivery> queue_;
  bool stopped_ = false;
  std::thread thread_;
};

}  // namespace

OBSERVERD_SDK_PLUGIN(0, sdk::PluginInfo("async", "1.0.0"), Async);
