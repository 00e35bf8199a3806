#include "delivery/module_runner.hpp"

#include <algorithm>

#include "plugin/registry.hpp"

namespace observerd::delivery {
namespace {

/// How long after its deadline a call may still report before it is given up.
constexpr Milliseconds kGrace{2000};
constexpr Milliseconds kWatchInterval{50};
/// While results wait to be written: how soon to look again.
constexpr Milliseconds kSettlingLook{2};
/// Threads for one module whose deliver blocks; an asynchronous one needs a single thread.
constexpr std::size_t kMaxWorkers = 16;
/// Stuck threads are replaced only so often: a plugin that always hangs must not eat the process.
constexpr std::size_t kMaxAbandoned = 32;

std::size_t worker_count(const plugin::ActionType& type) {
  if (type.async || !type.thread_safe) return 1;
  return std::clamp<std::size_t>(static_cast<std::size_t>(type.max_concurrency), 1, kMaxWorkers);
}

plugin::ItemResult stuck_result() {
  plugin::ItemResult result;
  result.code = "plugin_stuck";
  result.message = "the plugin holds every thread it may have and does not return";
  return result;
}

}  // namespace

struct ModuleRunner::Lane {
  std::deque<DeliveryPtr> queue;
  std::size_t in_flight = 0;
  std::size_t limit = 1;
  SteadyTime paused_until;
  bool listed = false;  ///< stands in ready_
};

struct ModuleRunner::Batch {
  std::vector<DeliveryPtr> deliveries;
  LaneMap::iterator lane;
  Milliseconds timeout{0};
};

struct ModuleRunner::Worker {
  std::thread thread;
  bool abandoned = false;  ///< stuck inside the plugin; ends when the plugin lets it go
  bool ended = false;
};

struct ModuleRunner::Running {
  std::vector<DeliveryPtr> deliveries;  ///< an element is taken out when it is reported
  LaneMap::iterator lane;
  std::size_t open = 0;
  SteadyTime started;
  SteadyTime deadline;
  std::shared_ptr<plugin::Call> call;
  std::shared_ptr<Worker> worker;  ///< while deliver has not returned
  bool cancelled = false;
  bool given_up = false;
  std::list<std::shared_ptr<Running>>::iterator place;
};

std::shared_ptr<ModuleRunner> ModuleRunner::start(std::shared_ptr<plugin::Module> module,
                                                  OutcomeSink& sink, telemetry::Log& log) {
  std::shared_ptr<ModuleRunner> runner(new ModuleRunner(std::move(module), sink, log));
  const std::lock_guard lock(runner->mutex_);
  const std::size_t workers = worker_count(runner->module_->type());
  for (std::size_t i = 0; i < workers; ++i) runner->spawn_worker();
  runner->watchdog_ = std::thread([raw = runner.get()] { raw->watch(); });
  return runner;
}

ModuleRunner::ModuleRunner(std::shared_ptr<plugin::Module> module, OutcomeSink& sink,
                           telemetry::Log& log)
    : module_(std::move(module)),
      sink_(sink),
      log_(log),
      max_batch_(static_cast<std::size_t>(std::max(1, module_->type().max_batch))),
      max_calls_(static_cast<std::size_t>(std::max(1, module_->type().max_concurrency))) {}

ModuleRunner::~ModuleRunner() {
  if (watchdog_.joinable()) watchdog_.join();
  for (const auto& worker : workers_) {
    if (worker->thread.joinable()) worker->thread.detach();
  }
}

void ModuleRunner::spawn_worker() {
  auto worker = std::make_shared<Worker>();
  workers_.push_back(worker);
  // The thread keeps the runner alive: an abandoned one may outlive everything else.
  worker->thread = std::thread([self = shared_from_this(), worker] { self->work(worker); });
}

void ModuleRunner::enqueue(DeliveryPtr delivery) {
  std::unique_lock lock(mutex_);
  if (stopping_) {
    lock.unlock();
    sink_.on_dropped(std::move(delivery));
    return;
  }
  if (stuck_) {
    lock.unlock();
    sink_.on_outcome(std::move(delivery), stuck_result(), Milliseconds(0));
    return;
  }
  const auto lane = lanes_.try_emplace(delivery->lane).first;
  lane->second.limit = std::max(lane->second.limit,
                                static_cast<std::size_t>(delivery->action().delivery.concurrency));
  lane->second.queue.push_back(std::move(delivery));
  list_if_ready(lane);
}

void ModuleRunner::list_if_ready(LaneMap::iterator lane) {
  Lane& state = lane->second;
  if (state.listed || state.queue.empty() || state.in_flight >= state.limit) return;
  state.listed = true;
  ready_.push_back(lane);
  work_.notify_one();
}

void ModuleRunner::forget_if_idle(LaneMap::iterator lane) {
  const Lane& state = lane->second;
  if (state.listed || !state.queue.empty() || state.in_flight > 0) return;
  if (state.paused_until > std::chrono::steady_clock::now()) return;
  lanes_.erase(lane);
}

void ModuleRunner::work(const std::shared_ptr<Worker>& worker) {
  std::unique_lock lock(mutex_);
  while (!stopping_ && !worker->abandoned) {
    std::vector<DeliveryPtr> dropped;
    SteadyTime wait_until = SteadyTime::max();
    std::optional<Batch> batch = take_batch(dropped, wait_until);
    if (!dropped.empty()) {
      lock.unlock();
      for (DeliveryPtr& delivery : dropped) sink_.on_dropped(std::move(delivery));
      lock.lock();
    }
    if (batch) {
      lock.unlock();
      call(std::move(*batch), worker);
      lock.lock();
    } else if (dropped.empty()) {
      if (wait_until == SteadyTime::max()) {
        work_.wait(lock);
      } else {
        work_.wait_until(lock, wait_until);
      }
    }
  }
  worker->ended = true;
}

/// The next batch in turn; nothing when every lane is empty, full or paused (`wait_until` then says
/// when the first pause ends), or when the module has all the calls it may have.
std::optional<ModuleRunner::Batch> ModuleRunner::take_batch(std::vector<DeliveryPtr>& dropped,
                                                            SteadyTime& wait_until) {
  if (running_.size() >= max_calls_) return std::nullopt;
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!ready_.empty() && !sink_.may_go_on()) {
    wait_until = now + kSettlingLook;
    return std::nullopt;
  }
  for (std::size_t looks = ready_.size(); looks > 0; --looks) {
    const LaneMap::iterator lane = ready_.front();
    Lane& state = lane->second;
    ready_.pop_front();
    if (state.paused_until > now) {
      wait_until = std::min(wait_until, state.paused_until);
      ready_.push_back(lane);
      continue;
    }
    state.listed = false;
    Batch batch;
    batch.lane = lane;
    const std::size_t room = std::min(max_batch_, state.limit - state.in_flight);
    const std::string* batch_key = nullptr;
    while (!state.queue.empty() && batch.deliveries.size() < room) {
      Delivery& next = *state.queue.front();
      if (!sink_.may_deliver(next)) {
        dropped.push_back(std::move(state.queue.front()));
        state.queue.pop_front();
        continue;
      }
      const PreparedAction& action = next.action();
      if (batch_key == nullptr) {
        batch_key = &action.bound->batch_key();
        batch.timeout = action.delivery.timeout;
      } else if (action.bound->batch_key() != *batch_key ||
                 action.delivery.timeout != batch.timeout) {
        break;
      }
      batch.deliveries.push_back(std::move(state.queue.front()));
      state.queue.pop_front();
    }
    state.in_flight += batch.deliveries.size();
    list_if_ready(lane);
    if (batch.deliveries.empty()) {
      forget_if_idle(lane);
      continue;
    }
    return batch;
  }
  return std::nullopt;
}

void ModuleRunner::call(Batch batch, const std::shared_ptr<Worker>& worker) {
  auto running = std::make_shared<Running>();
  running->lane = batch.lane;
  running->open = batch.deliveries.size();
  running->started = std::chrono::steady_clock::now();
  running->deadline = running->started + batch.timeout;
  running->worker = worker;
  std::vector<plugin::Item> items;
  items.reserve(batch.deliveries.size());
  const WallTime wall = std::chrono::system_clock::now();
  for (const DeliveryPtr& delivery : batch.deliveries) {
    const Event& event = *delivery->work->event;
    delivery->started = wall;
    plugin::Item item;
    item.action = delivery->action().bound.get();
    item.attempt = delivery->tries() + 1;
    item.delivery_id = delivery->id.to_string();
    item.order = static_cast<std::uint64_t>(event.outbox_id);
    item.event_json = delivery->work->json();
    item.settings_json = delivery->settings_json;
    item.trace_parent = event.trace_parent;
    item.created_ns =
        std::chrono::duration_cast<std::chrono::nanoseconds>(event.created.time_since_epoch())
            .count();
    items.push_back(std::move(item));
  }
  running->deliveries = std::move(batch.deliveries);
  {
    const std::lock_guard lock(mutex_);
    running->place = running_.insert(running_.end(), running);
    if (running_.size() == 1) watchdog_wake_.notify_one();
  }
  const auto keep_call = [&](const std::shared_ptr<plugin::Call>& call) {
    const std::lock_guard lock(mutex_);
    if (running->open > 0) running->call = call;
  };
  const auto call = module_->deliver(
      std::move(items), running->deadline,
      [self = shared_from_this(), running](std::uint32_t index, plugin::ItemResult result) {
        self->on_report(running, index, std::move(result));
      },
      keep_call);
  keep_call(call);
  const std::lock_guard lock(mutex_);
  running->worker.reset();
}

void ModuleRunner::on_report(const std::shared_ptr<Running>& running, std::uint32_t index,
                             plugin::ItemResult result) {
  DeliveryPtr delivery;
  Milliseconds took{0};
  {
    const std::lock_guard lock(mutex_);
    delivery = std::move(running->deliveries[index]);
    const SteadyTime now = std::chrono::steady_clock::now();
    took = std::chrono::duration_cast<Milliseconds>(now - running->started);
    Lane& lane = running->lane->second;
    --lane.in_flight;
    if (result.outcome == plugin::Outcome::Throttled && result.retry_after.count() > 0) {
      const Milliseconds pause =
          std::min(result.retry_after, delivery->action().delivery.retry_after_cap);
      lane.paused_until = std::max(lane.paused_until, now + pause);
    }
    list_if_ready(running->lane);
    forget_if_idle(running->lane);
    if (--running->open == 0) {
      running_.erase(running->place);
      running->call.reset();
      idle_.notify_all();
      work_.notify_one();
    }
  }
  sink_.on_outcome(std::move(delivery), std::move(result), took);
}

std::vector<std::shared_ptr<ModuleRunner::Running>> ModuleRunner::overdue(SteadyTime now,
                                                                          bool give_up) {
  std::vector<std::shared_ptr<Running>> found;
  for (const auto& running : running_) {
    bool& done = give_up ? running->given_up : running->cancelled;
    if (!done && running->call && now >= running->deadline + (give_up ? kGrace : Milliseconds(0))) {
      done = true;
      found.push_back(running);
    }
  }
  return found;
}

void ModuleRunner::watch() {
  std::unique_lock lock(mutex_);
  while (!stopped_) {
    if (running_.empty()) {
      watchdog_wake_.wait(lock);
      continue;
    }
    watchdog_wake_.wait_for(lock, kWatchInterval);
    const SteadyTime now = std::chrono::steady_clock::now();
    std::vector<std::shared_ptr<plugin::Call>> cancel;
    std::vector<std::shared_ptr<plugin::Call>> give_up;
    std::vector<DeliveryPtr> refused;
    for (const auto& running : overdue(now, false)) cancel.push_back(running->call);
    for (const auto& running : overdue(now, true)) {
      give_up.push_back(running->call);
      if (running->worker == nullptr || running->worker->abandoned) continue;
      running->worker->abandoned = true;
      const auto abandoned = static_cast<std::size_t>(std::count_if(
          workers_.begin(), workers_.end(), [](const std::shared_ptr<Worker>& worker) {
            return worker->abandoned && !worker->ended;
          }));
      const bool replace = !stopping_ && abandoned <= kMaxAbandoned;
      if (!replace && !stopping_) {
        stuck_ = true;
        take_queued(refused);
      }
      log_.write(
          telemetry::Level::Error,
          Status::error(Code::PluginMisbehaved,
                        "a plugin did not return from deliver after its deadline; its thread "
                        "is left to it"),
          {{"type", module_->type().type}, {"replaced", replace ? "true" : "false"}});
      if (replace) spawn_worker();
    }
    lock.unlock();
    for (DeliveryPtr& delivery : refused) {
      sink_.on_outcome(std::move(delivery), stuck_result(), Milliseconds(0));
    }
    for (const auto& call : cancel) call->cancel();
    for (const auto& call : give_up) call->give_up("no report by the deadline");
    lock.lock();
  }
}

/// Empties every lane.
void ModuleRunner::take_queued(std::vector<DeliveryPtr>& queued) {
  ready_.clear();
  for (auto& [key, lane] : lanes_) {
    std::move(lane.queue.begin(), lane.queue.end(), std::back_inserter(queued));
    lane.queue.clear();
    lane.listed = false;
  }
}

bool ModuleRunner::stop(SteadyTime deadline) {
  std::vector<DeliveryPtr> queued;
  std::vector<std::shared_ptr<plugin::Call>> late;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    take_queued(queued);
    work_.notify_all();
    idle_.wait_until(lock, deadline, [&] { return running_.empty(); });
    for (const auto& running : running_) {
      if (running->call) late.push_back(running->call);
    }
  }
  for (DeliveryPtr& delivery : queued) sink_.on_dropped(std::move(delivery));
  for (const auto& call : late) call->cancel();
  module_->stop();
  std::vector<std::shared_ptr<Worker>> join;
  {
    std::unique_lock lock(mutex_);
    idle_.wait_for(lock, late.empty() ? Milliseconds(0) : kGrace, [&] { return running_.empty(); });
    late.clear();
    for (const auto& running : running_) {
      if (running->call) late.push_back(running->call);
      if (running->worker) running->worker->abandoned = true;
    }
    stopped_ = true;
    watchdog_wake_.notify_all();
    for (const auto& worker : workers_) {
      if (!worker->abandoned) join.push_back(worker);
    }
  }
  for (const auto& call : late) call->give_up("observerd is stopping");
  for (const auto& worker : join) worker->thread.join();
  watchdog_.join();
  const std::lock_guard lock(mutex_);
  return join.size() == workers_.size();
}

std::vector<ModuleRunner::LaneState> ModuleRunner::lanes() const {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = std::chrono::steady_clock::now();
  std::vector<LaneState> states;
  for (const auto& [key, lane] : lanes_) {
    states.push_back({key, lane.queue.size(), lane.in_flight, lane.paused_until > now});
  }
  return states;
}

}  // namespace observerd::delivery
