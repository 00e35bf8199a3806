#include "delivery/dispatcher.hpp"
#include "event/trace_parent.hpp"

/// What comes after a delivery: its successors, and the rest of its sequence.
namespace observerd::delivery {

/// The delivery is through for now: lets its successors and the rest of its sequence go on.
void Dispatcher::finish(DeliveryPtr delivery, Verdict::Kind kind, Ready& ready) {
  const std::shared_ptr<EventWork> work = delivery->work;
  const std::shared_ptr<const ActivePlan> plan = delivery->plan;
  if (delivery->from_schedule) {
    finish_scheduled(*delivery, kind);
    close_work(work, *plan);
    return;
  }
  const PreparedObserver& observer = *delivery->observer;
  const std::string key = delivery->ordering_key;
  const bool strict = observer.sequence == config::Sequence::Strict;
  const std::size_t next = delivery->action_index + 1;
  const bool last = next >= observer.actions.size();

  if (strict && !last && kind == Verdict::Kind::Delivered) {
    // The key stays taken: nothing of the entity may come between two steps.
    delivery->action_index = next;
    delivery->id = make_delivery_id(work->event->id, observer.name, delivery->action().name);
    delivery->started = clock_.now();
    ready.push_back(std::move(delivery));
    return;
  }
  if (kind == Verdict::Kind::Terminal) skip_rest(*delivery);
  std::vector<DeliveryPtr> behind;
  if (!key.empty()) {
    // Under a lease that is gone nothing is written, so nothing is parked either.
    if (kind == Verdict::Kind::Again && work->lease == lease(work->shard())) {
      work->announce_park(key);
      behind = gate_.park(key, work->shard(), work->outbox_id);
    } else if (DeliveryPtr successor = gate_.leave(key)) {
      ready.push_back(std::move(successor));
    }
  }
  if (!strict && !last) {
    start_action(plan, work, observer, next, ready);
  } else {
    close_work(work, *plan);
  }
  for (DeliveryPtr& waited : behind) park_behind(std::move(waited), ready);
}

void Dispatcher::finish_scheduled(Delivery& delivery, Verdict::Kind kind) {
  if (kind == Verdict::Kind::Again) return;
  const PreparedObserver& observer = *delivery.observer;
  const std::size_t next = delivery.action_index + 1;
  // The re-drive of a dead letter is that one action.
  const bool redrive = delivery.parked && delivery.parked->dead_letter;
  const bool continues =
      observer.sequence == config::Sequence::Strict && !redrive && next < observer.actions.size();
  if (continues && kind == Verdict::Kind::Terminal) skip_rest(delivery);
  if (!continues || kind != Verdict::Kind::Delivered) {
    delivery.work->freed_key = delivery.ordering_key;
    return;
  }
  // The rest of a strict sequence goes on from a row of its own, written in the same flush: a crash
  // repeats this action at most, and nothing behind the key is released early.
  Delivery rest = delivery;
  rest.parked.reset();
  rest.action_index = next;
  rest.id = make_delivery_id(rest.work->event->id, observer.name, rest.action().name);
  rest.started = clock_.now();
  rest.lane = unrendered_lane(observer.name, rest.action());
  park(rest, store::ParkState::Due, rest.started, "");
}

/// A failure for good ends a strict sequence.
void Dispatcher::skip_rest(const Delivery& delivery) {
  const PreparedObserver& observer = *delivery.observer;
  if (observer.sequence != config::Sequence::Strict) return;
  std::string skipped;
  for (std::size_t i = delivery.action_index + 1; i < observer.actions.size(); ++i) {
    skipped += (skipped.empty() ? "" : ", ") + observer.actions[i].name;
  }
  if (skipped.empty()) return;
  delivery.work->mark_skipped();
  log_.write(telemetry::Level::Warn, "the rest of a strict sequence is skipped",
             {{"observer", observer.name},
              {"failed", delivery.action().name},
              {"skipped", skipped},
              {"event_id", delivery.work->event->id.to_string()},
              {"traceparent", delivery.work->event->trace_parent},
              {"trace_id", std::string(trace_id(delivery.work->event->trace_parent))}});
}

}  // namespace observerd::delivery
