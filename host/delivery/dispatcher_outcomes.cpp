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

double random_fraction() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
}

Status failed_attempt(const char* what) {
  return Status::error(Code::ActionFailed, what);
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
  if (delivery->parked) facts.unavailable_since = delivery->parked->unavailable_since;
  const Verdict verdict = decide(result, action.delivery, facts, random_fraction());
  if (result.outcome != plugin::Outcome::Misconfigured && holds_.any()) {
    holds_.end_misconfigured(hold_scope(*delivery));
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
          delivery->work->add(store::FinishRedrive{*delivery->parked->dead_letter, true, "",
                                                   history_with(*delivery, std::move(attempt))});
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
  const WallTime now = clock_.now();
  store::Parked parked = to_parked(delivery);
  if (verdict.costs_attempt) ++parked.attempts;
  if (parked.tries == 0) parked.first_at = delivery.started;
  parked.tries = attempt.number;
  parked.unavailable_since = unavailable_since(result.outcome, parked.unavailable_since, now);
  parked.history = history_with(delivery, std::move(attempt));
  delivery.parked = std::move(parked);
  fields.emplace_back("detail", result.message);
  if (options_.metrics != nullptr) options_.metrics->retry_scheduled(action.type);
  if (!verdict.needs_person) {
    const WallTime next = now + verdict.delay;
    fields.emplace_back("next_attempt", format_time(next));
    log_.write(Level::Warn, failed_attempt("attempt failed, will be retried"), fields.data(),
               fields.size());
    park(delivery, ParkState::Due, next, "");
    return;
  }
  hold_for_person(delivery, verdict.delay, result, std::move(fields));
}

/// A wrong token is one action's own, and others that use the same destination go on. Where an
/// action's destinations are rendered, those that work go on too.
void Dispatcher::hold_for_person(Delivery& delivery, Milliseconds delay,
                                 const plugin::ItemResult& result,
                                 std::vector<telemetry::Log::Field> fields) {
  if (delivery.plan != active()) {
    // Said of a configuration that is no more: tried as it is now.
    log_.write(Level::Warn, failed_attempt("attempt failed, is retried with the new configuration"),
               fields.data(), fields.size());
    park(delivery, ParkState::Due, clock_.now(), "");
    return;
  }
  const WallTime next = clock_.now() + delay;
  const HoldScope scope = hold_scope(delivery);
  const bool whole_action = scope.lane.empty();
  std::string detail = result.code;
  if (!result.message.empty()) detail += (detail.empty() ? "" : ": ") + result.message;
  if (result.outcome == plugin::Outcome::Gone) {
    fields.emplace_back("resume_with", whole_action ? "observerd observers resume " +
                                                          scope.observer + "/" + scope.action
                                                    : "observerd lanes resume " + delivery.lane);
    log_.write(Level::Error,
               failed_attempt(whole_action ? "the destination is no more: the action is paused"
                                           : "the destination is no more: its deliveries are held"),
               fields.data(), fields.size());
    const Holds::Added added = holds_.add_gone(scope, detail);
    park_reported(delivery, added, next, store::hold_reason(HoldCause::Gone, detail));
    if (added != Holds::Added::News) return;
    if (whole_action && options_.on_gone) options_.on_gone(scope.observer, scope.action, detail);
    alert_of_hold(delivery, result.code, "the destination is no more: " + detail);
    return;
  }
  const std::string looked_at = format_time(next);
  fields.emplace_back("looked_at_again", looked_at);
  log_.write(Level::Error,
             failed_attempt(whole_action
                                ? "the action is misconfigured: its deliveries are held"
                                : "the action is misconfigured for a destination: what it has for "
                                  "that is held"),
             fields.data(), fields.size());
  const std::string reason = detail + "; looked at again at " + looked_at + " or after a reload";
  const Holds::Added added = holds_.add_misconfigured(scope, reason, clock_.steady_now() + delay);
  if (added == Holds::Added::News) {
    alert_of_hold(delivery, result.code, "the action is misconfigured: " + detail);
  }
  park_reported(delivery, added, next, store::hold_reason(HoldCause::Misconfigured, reason));
}

/// Where there are too many such destinations to be remembered, each delivery is tried again by
/// itself at `next`.
void Dispatcher::park_reported(Delivery& delivery, Holds::Added added, WallTime next,
                               std::string reason) {
  const bool held = added != Holds::Added::NoRoom;
  park(delivery, held ? ParkState::Held : ParkState::Due, next, held ? std::move(reason) : "");
}

}  // namespace observerd::delivery
