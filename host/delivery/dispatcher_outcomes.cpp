#include <random>

#include "delivery/dispatcher.hpp"

/// The second half of the dispatcher: what becomes of a delivery after a try.
namespace observerd::delivery {
namespace {

using store::Attempt;
using store::ParkState;
using telemetry::Level;

constexpr std::size_t kHistoryLimit = 100;

double random_fraction() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0.0, 1.0)(generator);
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
  const WallTime now = clock_.now();
  result.message = action.mask(std::move(result.message));

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

  const telemetry::Log::Field fields[] = {
      {"delivery_id", delivery->id.to_string()},
      {"observer", delivery->observer->name},
      {"action", action.name},
      {"attempt", std::to_string(attempt.number)},
      {"outcome", std::string(plugin::outcome_name(result.outcome))},
      {"result_code", result.code},
      {"took_ms", std::to_string(took.count())},
      {"event_id", delivery->work->event->id.to_string()},
      {"detail", result.message}};
  switch (verdict.kind) {
    case Verdict::Kind::Delivered:
      log_.write(Level::Debug, "delivered", fields, std::size(fields) - 1);
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
    case Verdict::Kind::Again: {
      const bool needs_a_person = result.outcome == plugin::Outcome::Misconfigured ||
                                  result.outcome == plugin::Outcome::Gone;
      log_.write(needs_a_person ? Level::Error : Level::Warn,
                 "OB006 attempt failed, will be retried", fields, std::size(fields));
      store::Parked parked = to_parked(*delivery);
      if (verdict.costs_attempt) ++parked.attempts;
      parked.history.push_back(attempt);
      if (parked.history.size() > kHistoryLimit) parked.history.erase(parked.history.begin());
      delivery->parked = std::move(parked);
      park(*delivery, ParkState::Due, now + verdict.delay, "");
      break;
    }
    case Verdict::Kind::Terminal: {
      const std::string message =
          result.message.empty() ? verdict.why : verdict.why + ": " + result.message;
      fail(*delivery, verdict.code, result.code, message, std::move(attempt));
      break;
    }
  }
  Ready ready;
  finish(std::move(delivery), verdict.kind, ready);
  run(std::move(ready));
}

/// A terminal failure: what the action's policy says.
void Dispatcher::fail(Delivery& delivery, Code code, const std::string& error_code,
                      const std::string& message, Attempt attempt) {
  const PreparedAction& action = delivery.action();
  EventWork& work = *delivery.work;
  work.mark_failed();
  log_.write(Level::Error, Status::error(code, "action failed for good: " + message),
             {{"delivery_id", delivery.id.to_string()},
              {"observer", delivery.observer->name},
              {"action", action.name},
              {"result_code", error_code},
              {"event_id", work.event->id.to_string()},
              {"policy", action.delivery.on_failure == config::OnFailure::Log ? "log" : "dlq"}});
  if (delivery.parked) {
    work.add(store::Unpark{delivery.id, delivery.ordering_key, work.shard()});
    if (delivery.parked->dead_letter) {
      std::vector<Attempt> attempts = delivery.parked->history;
      attempts.push_back(std::move(attempt));
      work.add(
          store::FinishRedrive{*delivery.parked->dead_letter, false, message, std::move(attempts)});
      return;
    }
  }
  if (action.delivery.on_failure == config::OnFailure::Log) return;
  store::DeadLetter letter;
  letter.id = Uuid::v5(delivery.id, "dead letter");
  letter.delivery_id = delivery.id;
  letter.event = *work.event;
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

/// The delivery is through for now: lets its successors and the rest of its sequence go on.
void Dispatcher::finish(DeliveryPtr delivery, Verdict::Kind kind, Ready& ready) {
  const std::shared_ptr<EventWork> work = delivery->work;
  if (delivery->from_schedule) {
    finish_scheduled(*delivery, kind);
    close_work(work);
    return;
  }
  const PreparedObserver& observer = *delivery->observer;
  const std::string& key = delivery->ordering_key;
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
  if (strict && !last && kind == Verdict::Kind::Terminal) {
    log_.write(Level::Warn, "the rest of a strict sequence is skipped",
               {{"observer", observer.name}, {"event_id", work->event->id.to_string()}});
  }
  std::vector<DeliveryPtr> behind;
  if (!key.empty()) {
    // Under a lease that is gone nothing is written, so nothing is parked either.
    if (kind == Verdict::Kind::Again && work->lease == lease(work->shard())) {
      work->announce_park(key);
      behind = gate_.park(key, work->shard());
    } else if (DeliveryPtr successor = gate_.leave(key)) {
      ready.push_back(std::move(successor));
    }
  }
  if (!strict && !last) {
    start_action(work, observer, next, ready);
  } else {
    close_work(work);
  }
  for (DeliveryPtr& waited : behind) park_behind(std::move(waited), ready);
}

void Dispatcher::finish_scheduled(Delivery& delivery, Verdict::Kind kind) {
  if (delivery.ordering_key.empty() || kind == Verdict::Kind::Again) return;
  const PreparedObserver& observer = *delivery.observer;
  const std::size_t next = delivery.action_index + 1;
  const bool continues = observer.sequence == config::Sequence::Strict &&
                         kind == Verdict::Kind::Delivered && next < observer.actions.size();
  if (!continues) {
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
  park(rest, ParkState::Due, rest.started, "");
}

}  // namespace observerd::delivery
