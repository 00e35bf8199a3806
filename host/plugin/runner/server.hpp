#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/module.hpp"
#include "plugin/registry.hpp"
#include "plugin/runner/channel.hpp"
#include "plugin/runner/forwarding_services.hpp"
#include "plugin/runner/messages.hpp"
#include "plugin/runner/worker_pool.hpp"

namespace observerd::plugin {

/// What a runner does for the host once the library is loaded: one module of one of its types, held
/// as the host would hold it in its own process, and each frame a call of it. Lives as long as the
/// process.
class Server {
 public:
  /// `types`: the library's.
  Server(Channel& channel, std::vector<std::unique_ptr<ActionType>> types);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// False when the frame makes no sense: the host is not what it should be.
  bool handle(const Frame& frame);

 private:
  using Actions = std::map<std::uint64_t, std::shared_ptr<BoundAction>>;

  /// A batch on its way. Its items keep their actions until the plugin is through with it.
  struct Batch {
    std::uint64_t id = 0;
    std::uint32_t expected = 0;
    SteadyTime deadline;
    std::vector<Item> items;
    std::vector<std::shared_ptr<BoundAction>> actions;
    std::shared_ptr<Call> call;  ///< once the plugin is about to get it
    bool cancelled = false;
    std::uint32_t open = 0;  ///< items without a result
  };

  bool answer_request(const Frame& frame);
  bool begin(const Frame& frame);
  bool add_item(const Frame& frame);
  void cancel(std::uint64_t id);
  void deliver(const std::shared_ptr<Batch>& batch);
  void report(const std::shared_ptr<Batch>& batch, std::uint32_t index, const ItemResult& result);
  void finish(const std::shared_ptr<Batch>& batch);

  /// Until what was handed over before has begun, so that it does not come to the plugin after its
  /// stop; and for a moment, until it has returned.
  void let_deliveries_return();
  message::Answer open(const message::Open& request);
  message::Answer bind(const message::ActionRequest& request);
  message::Answer probe(const message::ActionRequest& request);
  message::Answer preview(message::DeliveryItem request);
  message::Answer close();
  std::shared_ptr<BoundAction> find(std::uint64_t action);
  std::shared_ptr<Module> module();

  Channel& channel_;
  ForwardingServices services_;
  const std::vector<std::unique_ptr<ActionType>> types_;
  WorkerPool& pool_;

  std::mutex mutex_;
  std::shared_ptr<Module> module_;
  Actions actions_;
  std::map<std::uint64_t, std::shared_ptr<Batch>> batches_;
  std::size_t queued_ = 0;      ///< batches that are complete and that the plugin does not have yet
  std::size_t delivering_ = 0;  ///< that the plugin has not returned from
  std::condition_variable moved_on_;  ///< one of these went down
};

}  // namespace observerd::plugin
