#include "delivery/alerter.hpp"

#include "delivery/render.hpp"

namespace observerd::delivery {

Event alert_event(const Failure& failure, std::uint64_t suppressed, WallTime now) {
  json::Value row = json::Value::object();
  row.set("observer", json::Value::string(failure.observer));
  row.set("action", json::Value::string(failure.action));
  row.set("type", json::Value::string(failure.type));
  row.set("error", json::Value::string(failure.error));
  row.set("error_code", json::Value::string(failure.error_code));
  row.set("message", json::Value::string(failure.message));
  row.set("attempts", json::Value::number(std::to_string(failure.attempts)));
  row.set("dead_letter", json::Value::string(failure.dead_letter));
  row.set("event_id", json::Value::string(failure.event->id.to_string()));
  row.set("entity", json::Value::string(failure.event->entity));
  row.set("id", json::Value::string(failure.event->key));
  row.set("suppressed", json::Value::number(std::to_string(suppressed)));
  Event event;
  // Another failure of the same delivery (after a re-drive) is another alert.
  event.id = Uuid::v5(failure.delivery_id, "alert " + std::to_string(failure.attempts));
  event.kind = EventKind::Custom;
  event.entity = kAlertName;
  event.key = failure.event->key;
  event.type = kAlertName;
  event.trace_parent = failure.event->trace_parent;
  event.created = now;
  event.new_text = json::write(row);
  event.new_row = std::move(row);
  return event;
}

DeliveryPtr Alerter::make(const std::shared_ptr<const ActivePlan>& plan, const Failure& failure) {
  if (!plan->plan->alert) return nullptr;
  const PreparedObserver& observer = plan->plan->alert->observer;
  std::uint64_t suppressed = 0;
  if (!may_go(plan->plan->alert->rate, suppressed)) return nullptr;
  auto event = std::make_shared<const Event>(alert_event(failure, suppressed, clock_.now()));
  auto alert = std::make_unique<Delivery>();
  alert->is_alert = true;
  alert->plan = plan;
  alert->observer = &observer;
  alert->id = make_delivery_id(event->id, observer.name, alert->action().name);
  alert->work = std::make_shared<EventWork>(std::move(event), 0, 0);
  alert->started = clock_.now();
  if (alert->action().runner == nullptr) {
    failed(*alert, alert->action().blocked);
    return nullptr;
  }
  if (Status status = render(*alert); !status.ok()) {
    failed(*alert, status.to_string());
    return nullptr;
  }
  return alert;
}

bool Alerter::may_go(const config::RateSettings& rate, std::uint64_t& suppressed) {
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  while (!sent_.empty() && now - sent_.front() >= rate.per) sent_.pop_front();
  if (sent_.size() >= static_cast<std::size_t>(rate.count)) {
    ++suppressed_;
    return false;
  }
  sent_.push_back(now);
  suppressed = std::exchange(suppressed_, 0);
  return true;
}

void Alerter::failed(const Delivery& alert, const std::string& why) {
  log_.write(telemetry::Level::Error,
             Status::error(Code::ActionFailedForGood, "an alert did not arrive"),
             {{"action", alert.action().name},
              {"type", alert.action().type},
              {"dead_letter", alert.work->event->new_row->string_or("dead_letter", "")},
              {"detail", alert.action().mask(why)}});
}

}  // namespace observerd::delivery
