#include "delivery/dispatcher.hpp"
#include "event/trace_parent.hpp"

/// Failures for good, and who is told of them and of what is held.
namespace observerd::delivery {
namespace {

using store::Attempt;
using telemetry::Level;

const char* policy_name(config::OnFailure policy) {
  switch (policy) {
    case config::OnFailure::Dlq:
      return "dlq";
    case config::OnFailure::Alert:
      return "alert";
    case config::OnFailure::Log:
      return "log";
  }
  return "dlq";
}

}  // namespace

/// Somebody has to look at an action whose deliveries are held, whatever its policy for failures.
void Dispatcher::alert_of_hold(const Delivery& delivery, const std::string& code,
                               const std::string& message) {
  if (delivery.is_alert) return;
  delivery.work->add_alert({delivery.work->event, delivery.id, delivery.observer->name,
                            delivery.action().name, delivery.action().type,
                            code_name(Code::ActionFailed), code, message, delivery.attempts(), ""});
}

/// A terminal failure: what the action's policy says.
void Dispatcher::fail(Delivery& delivery, Code code, const std::string& error_code,
                      const std::string& message, Attempt attempt) {
  const PreparedAction& action = delivery.action();
  EventWork& work = *delivery.work;
  work.mark_failed();
  ++counter_of(delivery).failed;
  log_.write(Level::Error, Status::error(code, "action failed for good: " + message),
             {{"delivery_id", delivery.id.to_string()},
              {"observer", delivery.observer->name},
              {"action", action.name},
              {"attempts", std::to_string(delivery.attempts() + 1)},
              {"result_code", error_code},
              {"event_id", work.event->id.to_string()},
              {"traceparent", work.event->trace_parent},
              {"trace_id", std::string(trace_id(work.event->trace_parent))},
              {"policy", policy_name(action.delivery.on_failure)}});
  const Uuid letter_id = delivery.parked && delivery.parked->dead_letter
                             ? *delivery.parked->dead_letter
                             : Uuid::v5(delivery.id, "dead letter");
  if (action.delivery.on_failure == config::OnFailure::Alert) {
    work.add_alert({work.event, delivery.id, delivery.observer->name, action.name, action.type,
                    code_name(code), error_code, message, delivery.attempts() + 1,
                    letter_id.to_string()});
  }
  if (delivery.parked) {
    work.add(store::Unpark{delivery.id, delivery.ordering_key, work.shard()});
    if (delivery.parked->dead_letter) {
      work.add(store::FinishRedrive{*delivery.parked->dead_letter, false, message,
                                    history_with(delivery, std::move(attempt)), code});
      return;
    }
  }
  if (action.delivery.on_failure == config::OnFailure::Log) return;
  if (options_.metrics != nullptr) options_.metrics->dead_letter(delivery.observer->name);
  store::DeadLetter letter;
  letter.id = letter_id;
  letter.delivery_id = delivery.id;
  letter.event = work.event;
  letter.observer = delivery.observer->name;
  letter.action = action.name;
  letter.action_type = action.type;
  letter.action_config = action.masked_settings;
  letter.error = code;
  letter.error_code = error_code;
  letter.error_message = message;
  letter.attempts = delivery.attempts() + 1;
  letter.max_attempts = action.delivery.retry.max_attempts;
  letter.history = history_with(delivery, std::move(attempt));
  work.add(store::Bury{std::move(letter)});
}

/// On the settler's thread, after the dead letters that they speak of are there.
void Dispatcher::send_alerts(const EventWork& work) {
  for (const Failure& failure : work.alerts()) {
    if (closed_) return;
    DeliveryPtr alert = alerter_.make(active(), failure);
    if (alert == nullptr) continue;
    ++alerts_;
    const std::shared_ptr<ModuleRunner> runner = alert->action().runner;
    std::vector<DeliveryPtr> one;
    one.push_back(std::move(alert));
    runner->enqueue(std::move(one));
  }
}

void Dispatcher::finish_alert(const Delivery& alert, const std::string& failure) {
  if (!failure.empty()) alerter_.failed(alert, failure);
  --alerts_;
}

}  // namespace observerd::delivery
