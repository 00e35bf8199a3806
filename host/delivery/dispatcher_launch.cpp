#include "delivery/dispatcher.hpp"
#include "delivery/render.hpp"

/// The way of a delivery to its lane, or into the schedule without a try.
namespace observerd::delivery {
namespace {

using store::HoldCause;
using store::ParkState;

/// How long after its time-out the outcome of a probe is waited for.
constexpr std::chrono::seconds kProbeGrace{5};

/// Such a hold says nothing about whether the destination is there.
bool is_for_person(HoldCause cause) {
  return cause == HoldCause::Paused || cause == HoldCause::Blocked || cause == HoldCause::Gone ||
         cause == HoldCause::Misconfigured;
}

}  // namespace

void Dispatcher::Ready::send(const std::shared_ptr<ModuleRunner>& runner, DeliveryPtr delivery) {
  for (Send& send : sends) {
    if (send.runner != runner) continue;
    send.deliveries.push_back(std::move(delivery));
    return;
  }
  // Its own share: the delivery, and its plan with it, may be gone before enqueue returns.
  sends.push_back({runner, {}});
  sends.back().deliveries.push_back(std::move(delivery));
}

void Dispatcher::run(Ready& ready) {
  while (ready.next < ready.waiting.size()) {
    launch(std::move(ready.waiting[ready.next++]), ready);
  }
  ready.waiting.clear();
  ready.next = 0;
  for (Ready::Send& send : ready.sends) send.runner->enqueue(std::move(send.deliveries));
  ready.sends.clear();
}

void Dispatcher::start_action(const std::shared_ptr<const ActivePlan>& plan,
                              std::shared_ptr<EventWork> work, const PreparedObserver& observer,
                              std::size_t index, Ready& ready) {
  const PreparedAction& action = observer.actions[index];
  auto delivery = std::make_unique<Delivery>();
  delivery->plan = plan;
  delivery->observer = &observer;
  delivery->action_index = index;
  delivery->id = make_delivery_id(work->event->id, observer.name, action.name);
  delivery->ordering_key = ordering_key(observer, action, *work->event);
  delivery->started = clock_.now();
  delivery->work = std::move(work);
  if (delivery->ordering_key.empty()) {
    ready.push_back(std::move(delivery));
    return;
  }
  switch (gate_.enter(delivery)) {
    case OrderGate::Entry::Run:
      ready.push_back(std::move(delivery));
      break;
    case OrderGate::Entry::Behind:
      park_behind(std::move(delivery), ready);
      break;
    case OrderGate::Entry::Waits:
      break;
  }
}

/// Renders and hands over to the lane. What cannot be rendered is a failure at once.
void Dispatcher::launch(DeliveryPtr delivery, Ready& ready) {
  if (closed_ || !may_deliver(*delivery)) {
    drop(*delivery, ready);
    return;
  }
  if (const std::optional<Hold> reason = why_held(*delivery)) {
    delivery->lane = delivery->parked && !delivery->parked->lane.empty()
                         ? delivery->parked->lane
                         : unrendered_lane(delivery->observer->name, delivery->action());
    hold(std::move(delivery), *reason, ready);
    return;
  }
  if (const Status status = render(*delivery); !status.ok()) {
    store::Attempt attempt;
    attempt.number = delivery->tries() + 1;
    attempt.at = clock_.now();
    attempt.result = "permanent_error";
    attempt.code = "template";
    attempt.message = delivery->action().mask(status.to_string());
    const std::string message = attempt.message;
    fail(*delivery, Code::Template, "template", message, std::move(attempt));
    finish(std::move(delivery), Verdict::Kind::Terminal, ready);
    return;
  }
  if (const std::optional<Hold> reason = why_lane_held(*delivery)) {
    hold(std::move(delivery), *reason, ready);
    return;
  }
  const std::shared_ptr<ModuleRunner>& runner = delivery->action().runner;
  ready.send(runner, std::move(delivery));
}

std::optional<Hold> Dispatcher::why_held(const Delivery& delivery) {
  const PreparedAction& action = delivery.action();
  if (!action.blocked.empty()) return Hold{HoldCause::Blocked, action.blocked};
  if (!holds_.any()) return std::nullopt;
  return holds_.check({delivery.observer->name, action.name, ""}, clock_.steady_now(),
                      action.delivery.timeout + kProbeGrace);
}

/// After it was rendered: where its action has many destinations, each may be held.
std::optional<Hold> Dispatcher::why_lane_held(const Delivery& delivery) {
  if (!holds_.any()) return std::nullopt;
  const HoldScope scope = hold_scope(delivery);
  if (scope.lane.empty()) return std::nullopt;
  return holds_.check(scope, clock_.steady_now(), delivery.action().delivery.timeout + kProbeGrace);
}

void Dispatcher::hold(DeliveryPtr delivery, const Hold& hold, Ready& ready) {
  if (delivery->parked && is_for_person(hold.cause)) delivery->parked->unavailable_since.reset();
  park(*delivery, ParkState::Held, clock_.now(), store::hold_reason(hold.cause, hold.detail));
  finish(std::move(delivery), Verdict::Kind::Again, ready);
}

void Dispatcher::on_held(DeliveryPtr delivery, const Hold& reason) {
  if (delivery->is_alert) {
    finish_alert(*delivery, store::hold_reason(reason.cause, reason.detail));
    return;
  }
  Ready ready;
  if (closed_ || !may_deliver(*delivery)) {
    drop(*delivery, ready);
  } else {
    hold(std::move(delivery), reason, ready);
  }
  run(ready);
}

void Dispatcher::park(Delivery& delivery, ParkState state, WallTime due, std::string reason) {
  store::Parked parked = to_parked(delivery);
  parked.lane = delivery.lane;
  parked.state = state;
  parked.due = due;
  parked.reason = std::move(reason);
  delivery.work->pending = true;
  delivery.work->add(store::Park{std::move(parked)});
}

void Dispatcher::park_behind(DeliveryPtr delivery, Ready& ready) {
  delivery->work->announce_park(delivery->ordering_key);
  delivery->lane = unrendered_lane(delivery->observer->name, delivery->action());
  park(*delivery, ParkState::Behind, clock_.now(), "an earlier delivery of the entity is parked");
  const bool strict = delivery->observer->sequence == config::Sequence::Strict;
  const std::size_t next = delivery->action_index + 1;
  // Plain: being parked is this action's first outcome. Strict: its row carries the rest.
  if (!strict && next < delivery->observer->actions.size()) {
    start_action(delivery->plan, delivery->work, *delivery->observer, next, ready);
  } else {
    close_work(delivery->work, *delivery->plan);
  }
}

void Dispatcher::on_dropped(DeliveryPtr delivery) {
  if (delivery->is_alert) {
    finish_alert(*delivery, "observerd is stopping");
    return;
  }
  Ready ready;
  drop(*delivery, ready);
  run(ready);
}

/// Its event is not settled: whoever reads the shard next delivers it. That may be this host under
/// a new lease, so the key must not stay taken.
void Dispatcher::drop(const Delivery& delivery, Ready& ready) {
  if (closed_ || delivery.ordering_key.empty() || delivery.from_schedule) return;
  if (DeliveryPtr next = gate_.leave(delivery.ordering_key)) ready.push_back(std::move(next));
}

}  // namespace observerd::delivery
