#include <random>

#include "delivery/dispatcher.hpp"
#include "event/trace_parent.hpp"

/// What becomes of a delivery after a try.
namespace observerd::delivery {
namespace {

using store::Attempt;
using store::HoldCause;
using store::ParkState;
using telemetry::Level;

constexpr std::size_t kHistoryLimit = 100;

double random_fraction() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

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

Status failed_attempt(const char* what) {
  return Status::error(Code::ActionFailed, what);
}

ObserverCounter& counter_of(const Delivery& delivery) {
  const PreparedObserver* first = delivery.plan->plan->observers.data();
  return delivery.plan->counter(static_cast<std::size_t>(delivery.observer - first));
}

std::string result_name(plugin::Outcome outcome) {
  switch (outcome) {
    case plugin::Outcome::Delivered:
      return "success";
    case plugin::Outcome::Rejected:
      return "permanent_error";
    case plugin::Outcome::Unknown:
      return "unknown";
    default:
      return "transient_error";
  }
}

}  // namespace

void Dispatcher::on_outcome(DeliveryPtr delivery, plugin::ItemResult result, Milliseconds took) {
  const PreparedAction& action = delivery->action();
  if (options_.metrics != nullptr) {
    options_.metrics->attempt(action.type, static_cast<std::size_t>(result.outcome), took);
  }
  result.message = action.mask(std::move(result.message));
  if (delivery->is_alert) {
    const bool ok = result.outcome == plugin::Outcome::Delivered;
    finish_alert(*delivery, ok ? "" : result.code + ": " + result.message);
    return;
  }
  const WallTime now = clock_.now();
  Attempt attempt;
  attempt.number = delivery->tries() + 1;
  attempt.at = delivery->started;
  attempt.took = took;
  attempt.result = result_name(result.outcome);
  attempt.code = result.code;
  attempt.message = result.message;

  TryFacts facts;
  facts.attempts = delivery->attempts() + 1;
  facts.tries = attempt.number;
  facts.now = now;
  facts.event_created = delivery->work->event->created;
  facts.first_at = delivery->parked ? delivery->parked->first_at : delivery->started;
  const Verdict verdict = decide(result, action.delivery, facts, random_fraction());
  if (result.outcome != plugin::Outcome::Misconfigured) {
    holds_.end_misconfigured(delivery->observer->name, action.name);
  }

  const bool delivered = verdict.kind == Verdict::Kind::Delivered;
  std::vector<telemetry::Log::Field> fields;
  if (!delivered || log_.enabled(Level::Debug)) {
    fields = {{"delivery_id", delivery->id.to_string()},
              {"observer", delivery->observer->name},
              {"action", action.name},
              {"lane", delivery->lane},
              {"attempt", std::to_string(attempt.number)},
              {"outcome", std::string(plugin::outcome_name(result.outcome))},
              {"result_code", result.code},
              {"took_ms", std::to_string(took.count())},
              {"event_id", delivery->work->event->id.to_string()},
              {"traceparent", delivery->work->event->trace_parent},
              {"trace_id", std::string(trace_id(delivery->work->event->trace_parent))}};
  }
  switch (verdict.kind) {
    case Verdict::Kind::Delivered:
      log_.write(Level::Debug, "delivered", fields.data(), fields.size());
      ++counter_of(*delivery).delivered;
      if (delivery->parked) {
        delivery->work->add(
            store::Unpark{delivery->id, delivery->ordering_key, delivery->work->shard()});
        if (delivery->parked->dead_letter) {
          std::vector<Attempt> attempts = delivery->parked->history;
          attempts.push_back(attempt);
          delivery->work->add(
              store::FinishRedrive{*delivery->parked->dead_letter, true, "", std::move(attempts)});
        }
      }
      break;
    case Verdict::Kind::Again:
      again(*delivery, verdict, result, std::move(attempt), std::move(fields));
      break;
    case Verdict::Kind::Terminal: {
      const std::string message =
          result.message.empty() ? verdict.why : verdict.why + ": " + result.message;
      fail(*delivery, verdict.code, result.code, message, std::move(attempt));
      break;
    }
  }
  Ready ready;
  finish(std::move(delivery), verdict.kind, ready);
  run(ready);
}

/// Into the schedule: due later, or held until a person has repaired what is wrong.
void Dispatcher::again(Delivery& delivery, const Verdict& verdict, const plugin::ItemResult& result,
                       Attempt attempt, std::vector<telemetry::Log::Field> fields) {
  const PreparedAction& action = delivery.action();
  const WallTime next = clock_.now() + verdict.delay;
  store::Parked parked = to_parked(delivery);
  if (verdict.costs_attempt) ++parked.attempts;
  parked.history.push_back(std::move(attempt));
  if (parked.history.size() > kHistoryLimit) parked.history.erase(parked.history.begin());
  delivery.parked = std::move(parked);
  fields.emplace_back("detail", result.message);
  if (options_.metrics != nullptr) options_.metrics->retry_scheduled(action.type);
  if (!verdict.needs_person) {
    fields.emplace_back("next_attempt", format_time(next));
    log_.write(Level::Warn, failed_attempt("attempt failed, will be retried"), fields.data(),
               fields.size());
    park(delivery, ParkState::Due, next, "");
    return;
  }
  const std::string& observer = delivery.observer->name;
  std::string detail = result.code;
  if (!result.message.empty()) detail += (detail.empty() ? "" : ": ") + result.message;
  if (result.outcome == plugin::Outcome::Gone) {
    fields.emplace_back("resume_with",
                        "observerd observers resume " + observer + "/" + action.name);
    log_.write(Level::Error, failed_attempt("the destination is no more: the action is paused"),
               fields.data(), fields.size());
    park(delivery, ParkState::Held, next, store::hold_reason(HoldCause::Gone, detail));
    if (!holds_.add_gone(observer, action.name, detail)) return;
    if (options_.on_gone) options_.on_gone(observer, action.name, detail);
    alert_of_hold(delivery, result.code, "the destination is no more: " + detail);
    return;
  }
  const std::string looked_at = format_time(next);
  fields.emplace_back("looked_at_again", looked_at);
  log_.write(Level::Error, failed_attempt("the action is misconfigured: its deliveries are held"),
             fields.data(), fields.size());
  const std::string reason = detail + "; looked at again at " + looked_at + " or after a reload";
  if (holds_.add_misconfigured(observer, action.name, reason,
                               clock_.steady_now() + verdict.delay)) {
    alert_of_hold(delivery, result.code, "the action is misconfigured: " + detail);
  }
  park(delivery, ParkState::Held, next, store::hold_reason(HoldCause::Misconfigured, reason));
}

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
      std::vector<Attempt> attempts = delivery.parked->history;
      attempts.push_back(std::move(attempt));
      work.add(store::FinishRedrive{*delivery.parked->dead_letter, false, message,
                                    std::move(attempts), code});
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
  if (delivery.parked) letter.history = delivery.parked->history;
  letter.history.push_back(std::move(attempt));
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
