#include "delivery/module_runner.hpp"

#include <algorithm>
#include <limits>

#include "delivery/module_runner_parts.hpp"
#include "plugin/registry.hpp"

namespace observerd::delivery {
namespace {

/// Threads for one module whose deliver blocks; an asynchronous one needs a single thread.
constexpr std::size_t kMaxWorkers = 16;
/// So many lanes are kept without a look at which of them are idle.
constexpr std::size_t kSweepAt = 1024;

std::size_t worker_count(const plugin::ActionType& type) {
  if (type.async || !type.thread_safe) return 1;
  return std::clamp<std::size_t>(static_cast<std::size_t>(type.max_concurrency), 1, kMaxWorkers);
}

}  // namespace

plugin::ItemResult stuck_result() {
  plugin::ItemResult result;
  result.code = "plugin_stuck";
  result.message = "the plugin holds every thread it may have and does not return";
  return result;
}

std::shared_ptr<ModuleRunner> ModuleRunner::start(std::shared_ptr<plugin::Module> module,
                                                  OutcomeSink& sink, telemetry::Log& log,
                                                  std::string name) {
  std::shared_ptr<ModuleRunner> runner(
      new ModuleRunner(std::move(module), sink, log, std::move(name)));
  const std::lock_guard lock(runner->mutex_);
  const std::size_t workers = worker_count(runner->module_->type());
  for (std::size_t i = 0; i < workers; ++i) runner->spawn_worker();
  runner->watchdog_ = std::thread([raw = runner.get()] { raw->watch(); });
  return runner;
}

ModuleRunner::ModuleRunner(std::shared_ptr<plugin::Module> module, OutcomeSink& sink,
                           telemetry::Log& log, std::string name)
    : module_(std::move(module)),
      sink_(sink),
      log_(log),
      name_(std::move(name)),
      max_batch_(static_cast<std::size_t>(std::max(1, module_->type().max_batch))),
      max_calls_(static_cast<std::size_t>(std::max(1, module_->type().max_concurrency))),
      sweep_at_(kSweepAt) {}

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

void ModuleRunner::enqueue(std::vector<DeliveryPtr> deliveries) {
  HandBack back;
  std::vector<DeliveryPtr> refused;
  {
    const std::lock_guard lock(mutex_);
    const SteadyTime now = std::chrono::steady_clock::now();
    if (stopping_) {
      back.dropped = std::move(deliveries);
    } else if (stuck_) {
      refused = std::move(deliveries);
    } else {
      for (DeliveryPtr& delivery : deliveries) admit(std::move(delivery), now, back);
    }
  }
  for (DeliveryPtr& delivery : refused) {
    sink_.on_outcome(std::move(delivery), stuck_result(), Milliseconds(0));
  }
  give_back(std::move(back));
}

/// Into the queue of its lane, unless it would wait long there.
void ModuleRunner::admit(DeliveryPtr delivery, SteadyTime now, HandBack& back) {
  if (lanes_.size() >= sweep_at_) forget_idle_lanes();
  const auto [place, is_new] = lanes_.try_emplace(delivery->lane);
  Lane& lane = place->second;
  if (is_new) set_limit(place);
  const config::DeliverySettings& settings = delivery->action().delivery;
  std::optional<Hold> hold = lane.closed(now);
  std::shared_ptr<ActionRate> rate = rate_of(delivery->observer->name, delivery->action());
  if (!hold && rate && rate->room(now, Lane::kLongestRateWait) == 0) {
    hold = Hold{store::HoldCause::Rate, "more are waiting than the action's rate allows for now"};
  }
  if (hold) {
    back.held.emplace_back(std::move(delivery), std::move(*hold));
    return;
  }
  if (lane.breaker.wants_probe(now)) {
    const Milliseconds open = settings.breaker ? settings.breaker->open : Milliseconds(0);
    lane.breaker.start_probe(now + std::max(open, settings.timeout + kGrace));
  }
  if (!lane.is_planned) lane.limit.raise_most(static_cast<std::size_t>(settings.concurrency));
  lane.queue.push(std::move(delivery), std::move(rate));
  list_if_ready(place);
}

std::shared_ptr<ActionRate> ModuleRunner::rate_of(const std::string& observer,
                                                  const PreparedAction& action) {
  const std::optional<config::RateSettings>& wanted = action.delivery.rate;
  if (!wanted) return nullptr;
  std::shared_ptr<ActionRate>& rate = rates_[observer + "/" + action.name];
  if (rate == nullptr || rate->bucket.rate().count != wanted->count ||
      rate->bucket.rate().per != wanted->per) {
    rate = std::make_shared<ActionRate>(*wanted);
  }
  return rate;
}

std::size_t ModuleRunner::room(const std::string& observer, const PreparedAction& action) const {
  const std::optional<config::RateSettings>& wanted = action.delivery.rate;
  if (!wanted) return std::numeric_limits<std::size_t>::max();
  const std::lock_guard lock(mutex_);
  const auto found = rates_.find(observer + "/" + action.name);
  const SteadyTime now = std::chrono::steady_clock::now();
  return found == rates_.end() ? ActionRate(*wanted).room(now, Lane::kLongestRateWait)
                               : found->second->room(now, Lane::kLongestRateWait);
}

void ModuleRunner::list_if_ready(LaneMap::iterator lane) {
  Lane& state = lane->second;
  if (state.listed || state.queue.empty() || state.in_flight >= state.limit.limit()) return;
  state.listed = true;
  ready_.push_back(lane);
  work_.notify_one();
}

void ModuleRunner::forget_if_idle(LaneMap::iterator lane) {
  if (lane->second.is_idle(std::chrono::steady_clock::now())) lanes_.erase(lane);
}

/// What an idle lane has to remember for a while (failures in a row) is looked at only here.
void ModuleRunner::forget_idle_lanes() {
  const SteadyTime now = std::chrono::steady_clock::now();
  std::erase_if(lanes_, [now](const auto& lane) { return lane.second.is_idle(now); });
  sweep_at_ = std::max(kSweepAt, 2 * lanes_.size());
}

/// Empties every lane.
void ModuleRunner::take_queued(std::vector<DeliveryPtr>& queued) {
  ready_.clear();
  for (auto& [key, lane] : lanes_) {
    std::vector<DeliveryPtr> all = lane.queue.take_all();
    std::move(all.begin(), all.end(), std::back_inserter(queued));
    lane.listed = false;
  }
}

void ModuleRunner::give_back(HandBack back) {
  for (DeliveryPtr& delivery : back.dropped) sink_.on_dropped(std::move(delivery));
  for (auto& [delivery, hold] : back.held) sink_.on_held(std::move(delivery), hold);
}

bool ModuleRunner::stop(SteadyTime deadline) {
  const std::lock_guard once(stop_mutex_);
  if (stop_result_) return *stop_result_;
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
    // Also of calls that are only just being made, and not known yet.
    idle_.wait_for(lock, kGrace, [&] { return running_.empty(); });
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
  stop_result_ = join.size() == workers_.size();
  return *stop_result_;
}

bool ModuleRunner::idle() const {
  const std::lock_guard lock(mutex_);
  return running_.empty() && std::all_of(lanes_.begin(), lanes_.end(), [](const auto& lane) {
           return lane.second.queue.empty() && lane.second.in_flight == 0;
         });
}

}  // namespace observerd::delivery
