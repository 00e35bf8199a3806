#include <algorithm>

#include "delivery/module_runner.hpp"
#include "delivery/module_runner_parts.hpp"
#include "plugin/registry.hpp"

/// The threads of a runner: workers, which call the plugin, and the watchdog.
namespace observerd::delivery {
namespace {

constexpr Milliseconds kWatchInterval{50};
/// While results wait to be written: how soon to look again.
constexpr Milliseconds kSettlingLook{2};
/// Stuck threads are replaced only so often: a plugin that always hangs must not eat the process.
constexpr std::size_t kMaxAbandoned = 32;

}  // namespace

void ModuleRunner::work(const std::shared_ptr<Worker>& worker) {
  std::unique_lock lock(mutex_);
  while (!stopping_ && !worker->abandoned) {
    HandBack back;
    SteadyTime wait_until = SteadyTime::max();
    std::optional<Batch> batch = take_batch(back, wait_until);
    if (!back.empty()) {
      lock.unlock();
      give_back(std::move(back));
      lock.lock();
    } else if (!batch) {
      if (wait_until == SteadyTime::max()) {
        work_.wait(lock);
      } else {
        work_.wait_until(lock, wait_until);
      }
    }
    if (batch) {
      lock.unlock();
      call(std::move(*batch), worker);
      lock.lock();
    }
  }
  worker->ended = true;
}

/// A quarter of the calls is kept for lanes that have none: destinations that hang must not take
/// every call the module may have.
bool ModuleRunner::may_call(const Lane& lane) const {
  if (calls_ >= max_calls_) return false;
  return lane.calls == 0 || calls_ < max_calls_ - max_calls_ / 4;
}

/// The next batch in turn; nothing when every lane is empty, full or has to wait (`wait_until` then
/// says how long), or when the module has all the calls it may have.
std::optional<ModuleRunner::Batch> ModuleRunner::take_batch(HandBack& back,
                                                            SteadyTime& wait_until) {
  if (calls_ >= max_calls_ || ready_.empty()) return std::nullopt;
  const SteadyTime now = std::chrono::steady_clock::now();
  if (!sink_.may_go_on()) {
    wait_until = now + kSettlingLook;
    return std::nullopt;
  }
  for (std::size_t looks = ready_.size(); looks > 0; --looks) {
    const LaneMap::iterator place = ready_.front();
    Lane& lane = place->second;
    ready_.pop_front();
    if (lane.throttled_until > now || !may_call(lane)) {
      // When a call is over, the worker looks again.
      if (lane.throttled_until > now) wait_until = std::min(wait_until, lane.throttled_until);
      ready_.push_back(place);
      continue;
    }
    lane.listed = false;
    Batch batch;
    batch.lane = place;
    fill(batch, back, now, wait_until);
    if (batch.deliveries.empty()) {
      // Nothing that another worker could do: it is not woken.
      lane.listed = !lane.queue.empty() && lane.in_flight < lane.limit.limit();
      if (lane.listed) ready_.push_back(place);
      forget_if_idle(place);
      continue;
    }
    lane.in_flight += batch.deliveries.size();
    ++lane.calls;
    ++calls_;
    list_if_ready(place);
    return batch;
  }
  return std::nullopt;
}

void ModuleRunner::fill(Batch& batch, HandBack& back, SteadyTime now, SteadyTime& wait_until) {
  Lane& lane = batch.lane->second;
  const std::size_t limit = lane.limit.limit();
  const std::size_t room = std::min(max_batch_, limit - std::min(limit, lane.in_flight));
  FairQueue::Shape shape;
  while (batch.deliveries.size() < room) {
    DeliveryPtr next = lane.queue.next(shape, now, wait_until);
    if (next == nullptr) return;
    if (!sink_.may_deliver(*next)) {
      lane.breaker.cancel_probe();
      back.dropped.push_back(std::move(next));
      continue;
    }
    shape.batch_key = &next->action().bound->batch_key();
    shape.timeout = batch.timeout = next->action().delivery.timeout;
    batch.deliveries.push_back(std::move(next));
  }
}

void ModuleRunner::call(Batch batch, const std::shared_ptr<Worker>& worker) {
  auto running = std::make_shared<Running>();
  running->lane = batch.lane;
  running->open = batch.deliveries.size();
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
  running->started = std::chrono::steady_clock::now();
  running->deadline = running->started + batch.timeout;
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
  HandBack back;
  {
    const std::lock_guard lock(mutex_);
    delivery = std::move(running->deliveries[index]);
    if (result.outcome == plugin::Outcome::Cancelled && running->cancelled) {
      // It was we who asked, because the time was over: an attempt like any other.
      result.outcome = plugin::Outcome::Retry;
      result.code = "timeout";
      if (result.message.empty()) result.message = "not done by the deadline";
    }
    const SteadyTime now = std::chrono::steady_clock::now();
    took = std::chrono::duration_cast<Milliseconds>(now - running->started);
    Lane& lane = running->lane->second;
    --lane.in_flight;
    note(lane.learn(result, delivery->action().delivery, running->started, now),
         running->lane->first, lane, *delivery, back);
    const bool last = --running->open == 0;
    if (last) {
      --lane.calls;
      --calls_;
    }
    list_if_ready(running->lane);
    forget_if_idle(running->lane);
    if (last) {
      running_.erase(running->place);
      running->call.reset();
      idle_.notify_all();
      work_.notify_one();
    }
  }
  sink_.on_outcome(std::move(delivery), std::move(result), took);
  give_back(std::move(back));
}

/// What the change of a breaker means for its lane, and says it.
void ModuleRunner::note(CircuitBreaker::Change change, const std::string& name, Lane& lane,
                        const Delivery& delivery, HandBack& back) {
  if (change == CircuitBreaker::Change::Closed) {
    log_.write(telemetry::Level::Info,
               Status::error(Code::CircuitOpen, "circuit closed: the destination answers again"),
               {{"lane", name}});
  }
  if (change == CircuitBreaker::Change::Opened) {
    const std::string open =
        std::to_string(delivery.action().delivery.breaker->open.count()) + " ms";
    log_.write(telemetry::Level::Warn,
               Status::error(Code::CircuitOpen,
                             "circuit open: the destination failed again and again and is left "
                             "alone for a while; its deliveries wait in the schedule"),
               {{"lane", name},
                {"failures", std::to_string(lane.breaker.failures())},
                {"open_for", open},
                {"held", std::to_string(lane.queue.size())}});
  }
  const auto hold = lane.closed(std::chrono::steady_clock::now());
  if (!hold || lane.queue.empty()) return;
  // A probe that is queued goes all the same.
  if (hold->cause == store::HoldCause::Breaker && change != CircuitBreaker::Change::Opened) return;
  for (DeliveryPtr& queued : lane.queue.take_all()) {
    back.held.emplace_back(std::move(queued), *hold);
  }
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
      if (running->worker && !running->worker->abandoned) abandon(running->worker, refused);
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

/// Leaves a thread to the plugin that does not return it.
void ModuleRunner::abandon(const std::shared_ptr<Worker>& worker,
                           std::vector<DeliveryPtr>& refused) {
  worker->abandoned = true;
  const auto abandoned = static_cast<std::size_t>(std::count_if(
      workers_.begin(), workers_.end(),
      [](const std::shared_ptr<Worker>& one) { return one->abandoned && !one->ended; }));
  const bool replace = !stopping_ && abandoned <= kMaxAbandoned;
  if (!replace && !stopping_) {
    stuck_ = true;
    take_queued(refused);
  }
  log_.write(
      telemetry::Level::Error,
      Status::error(Code::PluginMisbehaved, "a plugin did not return from deliver by its deadline"),
      {{"type", module_->type().type}, {"replaced", replace ? "true" : "false"}});
  if (replace) spawn_worker();
}

}  // namespace observerd::delivery
