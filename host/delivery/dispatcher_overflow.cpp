#include "delivery/dispatcher.hpp"
#include "event/trace_parent.hpp"

/// What the dispatcher does when its queues are full: runtime.overflow.
namespace observerd::delivery {
namespace {

constexpr Milliseconds kRoomLook{5};
constexpr std::chrono::seconds kOverflowLogInterval{10};

}  // namespace

std::shared_ptr<void> Dispatcher::hold_in(Budget& budget, std::size_t bytes) {
  return {&budget, [bytes](Budget* held) { held->release(bytes); }};
}

std::shared_ptr<void> Dispatcher::admit(std::size_t bytes, bool& drop, Ready& ready) {
  bool has_room = budget_.try_acquire(bytes);
  if (has_room) return hold_in(budget_, bytes);
  run(ready);
  switch (options_.overflow) {
    case config::Overflow::Block:
      has_room = budget_.acquire(bytes);
      break;
    case config::Overflow::Drop:
      drop = !closed_;
      break;
    case config::Overflow::DropOldest:
      has_room = make_room(bytes);
      break;
  }
  return has_room ? hold_in(budget_, bytes) : nullptr;
}

/// Gives up what has waited longest until there is room. False when stopping.
bool Dispatcher::make_room(std::size_t bytes) {
  while (!closed_) {
    if (budget_.try_acquire(bytes)) return true;
    // What is given up has to be written down too, and that may take its time.
    if (!dropping_.wait_for_room(kRoomLook)) continue;
    // Everything is with the plugins: nothing can be given up, something will be done soon.
    if (!give_up_oldest()) budget_.wait_for_room(kRoomLook);
  }
  return false;
}

bool Dispatcher::give_up_oldest() {
  ModuleRunner* runner = nullptr;
  SteadyTime oldest = SteadyTime::max();
  for_each_runner([&](ModuleRunner& one) {
    const SteadyTime first = one.oldest_queued();
    if (first >= oldest) return;
    oldest = first;
    runner = &one;
  });
  Ready ready;
  DeliveryPtr victim = runner == nullptr ? nullptr : runner->take_oldest();
  const bool was_queued = victim != nullptr;
  // Nothing is queued: what waits behind a delivery of its own key may still be a lot.
  if (!was_queued) victim = gate_.take_oldest();
  if (victim == nullptr) return false;
  if (note_dropped(*victim->work)) {
    // Its place is free now, not only when it is written down.
    const std::size_t bytes = victim->work->bytes();
    dropping_.charge(bytes);
    victim->work->hold = hold_in(dropping_, bytes);
  }
  if (was_queued && !victim->ordering_key.empty()) {
    if (DeliveryPtr next = gate_.leave(victim->ordering_key)) ready.push_back(std::move(next));
  }
  close_work(victim->work, *victim->plan);
  run(ready);
  return true;
}

/// The new event itself is given up, unless nobody wants it anyway.
void Dispatcher::drop_event(const std::shared_ptr<const ActivePlan>& plan,
                            std::shared_ptr<const Event> event, std::uint64_t lease,
                            std::size_t bytes) {
  if (!dropping_.acquire(bytes)) return;
  std::vector<std::size_t> fired;
  match(*plan, *event, fired);
  const std::int64_t outbox_id = event->outbox_id;
  auto work = std::make_shared<EventWork>(std::move(event), lease, outbox_id);
  work->hold = hold_in(dropping_, bytes);
  work->matched = !fired.empty();
  if (work->matched) (void)note_dropped(*work);
  work->open();
  close_work(work, *plan);
}

bool Dispatcher::note_dropped(EventWork& work) {
  if (!work.mark_dropped()) return false;
  ++dropped_;
  if (options_.metrics != nullptr) options_.metrics->events_dropped(1);
  std::uint64_t since = 0;
  {
    const std::lock_guard lock(log_mutex_);
    const SteadyTime now = clock_.steady_now();
    if (overflow_logged_ != SteadyTime{} && now - overflow_logged_ < kOverflowLogInterval) {
      return true;
    }
    overflow_logged_ = now;
    since = dropped_ - overflow_told_;
    overflow_told_ = dropped_;
  }
  log_.write(telemetry::Level::Error,
             Status::error(Code::Overflow, "the queues are full: events are given up"),
             {{"policy", options_.overflow == config::Overflow::Drop ? "drop" : "drop_oldest"},
              {"events", std::to_string(since)},
              {"event_id", work.event->id.to_string()},
              {"traceparent", work.event->trace_parent},
              {"trace_id", std::string(trace_id(work.event->trace_parent))}});
  return true;
}

}  // namespace observerd::delivery
