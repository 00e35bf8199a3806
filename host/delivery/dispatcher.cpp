#include "delivery/dispatcher.hpp"

#include "store/store.hpp"

namespace observerd::delivery {
namespace {

using store::Attempt;
using store::ParkState;
using telemetry::Level;

/// A blocked plugin is looked at again this often; it costs the delivery no attempt.
constexpr std::chrono::seconds kBlockedRetry{60};
constexpr std::chrono::seconds kConditionErrorLogInterval{10};
/// What an event holds besides its texts, roughly.
constexpr std::size_t kEventOverhead = 512;
/// Events and parked deliveries that are through but not written down: what a crash repeats at
/// most, besides what is with the plugins.
constexpr std::size_t kMaxUnwritten = 1000;

}  // namespace

/// Keeps a parked delivery's id in the in-flight set until its work is gone.
class Dispatcher::ParkedHold {
 public:
  ParkedHold(Dispatcher& dispatcher, const store::Parked& parked)
      : dispatcher_(dispatcher),
        shard_(static_cast<std::size_t>(parked.event.shard)),
        id_(parked.delivery_id),
        lane_(parked.lane) {
    const std::lock_guard lock(dispatcher_.parked_mutex_);
    dispatcher_.parked_in_flight_[shard_].insert(id_);
    ++dispatcher_.parked_by_lane_[lane_];
  }
  ~ParkedHold() {
    const std::lock_guard lock(dispatcher_.parked_mutex_);
    dispatcher_.parked_in_flight_[shard_].erase(id_);
    const auto lane = dispatcher_.parked_by_lane_.find(lane_);
    if (--lane->second == 0) dispatcher_.parked_by_lane_.erase(lane);
  }
  ParkedHold(const ParkedHold&) = delete;
  ParkedHold& operator=(const ParkedHold&) = delete;

 private:
  Dispatcher& dispatcher_;
  const std::size_t shard_;
  const Uuid id_;
  const std::string lane_;
};

Dispatcher::Dispatcher(std::shared_ptr<const Plan> plan, const DispatcherOptions& options,
                       const Clock& clock, telemetry::Log& log)
    : plan_(std::move(plan)),
      options_(options),
      clock_(clock),
      log_(log),
      budget_(options.queue_events, options.queue_bytes),
      leases_(static_cast<std::size_t>(options.shards)),
      parked_in_flight_(static_cast<std::size_t>(options.shards)),
      maybe_free_(static_cast<std::size_t>(options.shards)) {}

Status Dispatcher::on_acquired(int shard, std::uint64_t lease, postgres::Connection& connection) {
  std::vector<std::pair<std::string, std::string>> actions;
  for (const PreparedObserver& observer : plan_->observers) {
    for (const PreparedAction& action : observer.actions) {
      actions.emplace_back(observer.name, action.name);
    }
  }
  if (Status status = store::revive_orphans(connection, shard, actions); !status.ok()) {
    return status;
  }
  Result<std::vector<std::string>> keys = store::parked_keys(connection, shard);
  if (!keys) return keys.status();
  for (std::string& key : *keys) gate_.add_parked(std::move(key), shard);
  leases_[static_cast<std::size_t>(shard)] = lease;
  return {};
}

bool Dispatcher::on_rows(int shard, std::uint64_t lease, std::vector<source::OutboxRow> rows) {
  for (source::OutboxRow& row : rows) {
    const std::size_t bytes = row.new_text.size() + row.old_text.size() + kEventOverhead;
    if (!budget_.acquire(bytes)) return false;
    std::shared_ptr<void> hold(nullptr, [this, bytes](void*) { budget_.release(bytes); });
    if (lease != this->lease(shard)) return true;  // lost meanwhile: its rows are read again
    Result<Event> event = source::to_event(row, options_.installation);
    if (!event) {
      settle_bad_row(row, lease, event.status());
      continue;
    }
    begin(std::make_shared<const Event>(std::move(*event)), lease, std::move(hold));
  }
  return true;
}

void Dispatcher::on_lost(int shard, std::uint64_t lease) {
  std::uint64_t expected = lease;
  if (!leases_[static_cast<std::size_t>(shard)].compare_exchange_strong(expected, 0)) return;
  for (DeliveryPtr& delivery : gate_.drop_shard(shard)) delivery.reset();
  const std::lock_guard lock(parked_mutex_);
  maybe_free_[static_cast<std::size_t>(shard)].clear();
}

std::uint64_t Dispatcher::lease(int shard) const {
  return leases_[static_cast<std::size_t>(shard)];
}

bool Dispatcher::may_deliver(const Delivery& delivery) {
  return delivery.work->lease == lease(delivery.work->shard());
}

bool Dispatcher::may_go_on() {
  return settler_->backlog() < kMaxUnwritten;
}

void Dispatcher::close() {
  closed_ = true;
  budget_.close();
}

std::size_t Dispatcher::under_way() const {
  std::size_t count = budget_.events();
  const std::lock_guard lock(parked_mutex_);
  for (const auto& ids : parked_in_flight_) count += ids.size();
  return count;
}

void Dispatcher::settle_bad_row(const source::OutboxRow& row, std::uint64_t lease,
                                const Status& problem) {
  log_.write(Level::Error, problem,
             {{"outbox_id", std::to_string(row.id)}, {"entity", row.entity}, {"key", row.key}});
  store::ParkBadRow bad;
  bad.outbox_id = row.id;
  bad.shard = row.shard;
  bad.entity = row.entity;
  bad.key = row.key;
  bad.reason = problem.to_string();
  bad.row_text = row.new_text.empty() ? row.old_text : row.new_text;
  settler_->submit({row.shard, lease, row.id, {std::move(bad)}, {}});
}

void Dispatcher::report_condition_error(const matcher::Undecided& undecided, const Event& event) {
  const SteadyTime now = clock_.steady_now();
  {
    const std::lock_guard lock(errors_mutex_);
    SteadyTime& last = condition_error_logged_[undecided.index];
    if (last != SteadyTime() && now - last < kConditionErrorLogInterval) return;
    last = now;
  }
  log_.write(
      Level::Warn, undecided.status(event),
      {{"observer", plan_->observers[undecided.index].name}, {"event_id", event.id.to_string()}});
}

void Dispatcher::begin(std::shared_ptr<const Event> event, std::uint64_t lease,
                       std::shared_ptr<void> hold) {
  std::vector<std::size_t> matches;
  std::vector<matcher::Undecided> undecided;
  plan_->matcher->match(*event, matches, &undecided);
  for (const matcher::Undecided& one : undecided) report_condition_error(one, *event);
  const std::int64_t outbox_id = event->outbox_id;
  auto work = std::make_shared<EventWork>(std::move(event), lease, outbox_id);
  work->hold = std::move(hold);
  work->matched = !matches.empty();
  work->open();
  Ready ready;
  for (const std::size_t index : matches) {
    work->open();
    start_action(work, plan_->observers[index], 0, ready);
  }
  close_work(work);
  run(std::move(ready));
}

void Dispatcher::run(Ready ready) {
  while (!ready.empty()) {
    DeliveryPtr delivery = std::move(ready.front());
    ready.pop_front();
    launch(std::move(delivery), ready);
  }
}

void Dispatcher::start_action(std::shared_ptr<EventWork> work, const PreparedObserver& observer,
                              std::size_t index, Ready& ready) {
  const PreparedAction& action = observer.actions[index];
  auto delivery = std::make_unique<Delivery>();
  delivery->plan = plan_;
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
  const PreparedAction& action = delivery->action();
  if (!action.blocked.empty()) {
    park(*delivery, ParkState::Due, clock_.now() + kBlockedRetry, "blocked: " + action.blocked);
    finish(std::move(delivery), Verdict::Kind::Again, ready);
    return;
  }
  const std::string id = delivery->id.to_string();
  const templates::Context context{*delivery->work->event, delivery->observer->name, id,
                                   delivery->tries() + 1};
  const auto missing =
      action.delivery.missing_is_empty ? templates::Missing::Empty : templates::Missing::Error;
  Result<json::Value> settings = action.settings.render(context, missing);
  if (!settings) {
    Attempt attempt;
    attempt.number = delivery->tries() + 1;
    attempt.at = clock_.now();
    attempt.result = "permanent_error";
    attempt.code = "template";
    attempt.message = action.mask(settings.status().to_string());
    const std::string message = attempt.message;
    fail(*delivery, Code::Template, "template", message, std::move(attempt));
    finish(std::move(delivery), Verdict::Kind::Terminal, ready);
    return;
  }
  delivery->lane = action.bound->lane_key();
  const std::string suffix = action.settings.lane_suffix(*settings);
  if (!suffix.empty()) delivery->lane += ' ' + suffix;
  delivery->settings_json = std::make_shared<const std::string>(json::write(*settings));
  ModuleRunner& runner = *action.runner;
  runner.enqueue(std::move(delivery));
}

store::Parked Dispatcher::to_parked(const Delivery& delivery) const {
  if (delivery.parked) return *delivery.parked;
  store::Parked parked;
  parked.delivery_id = delivery.id;
  parked.event = *delivery.work->event;
  parked.observer = delivery.observer->name;
  parked.action = delivery.action().name;
  parked.action_type = delivery.action().type;
  parked.ordering_key = delivery.ordering_key;
  parked.first_at = delivery.started;
  return parked;
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
  park(*delivery, ParkState::Behind, clock_.now(), "an earlier delivery of the entity is parked");
  const bool strict = delivery->observer->sequence == config::Sequence::Strict;
  const std::size_t next = delivery->action_index + 1;
  // Plain: being parked is this action's first outcome. Strict: its row carries the rest.
  if (!strict && next < delivery->observer->actions.size()) {
    start_action(delivery->work, *delivery->observer, next, ready);
  } else {
    close_work(delivery->work);
  }
}

void Dispatcher::on_dropped(DeliveryPtr delivery) {
  Ready ready;
  drop(*delivery, ready);
  run(std::move(ready));
}

/// Its event is not settled: whoever reads the shard next delivers it. That may be this host under
/// a new lease, so the key must not stay taken.
void Dispatcher::drop(const Delivery& delivery, Ready& ready) {
  if (closed_ || delivery.ordering_key.empty() || delivery.from_schedule) return;
  if (DeliveryPtr next = gate_.leave(delivery.ordering_key)) ready.push_back(std::move(next));
}

bool Dispatcher::logs_event(const EventWork& work) const {
  switch (plan_->event_log) {
    case config::EventLog::All:
      return true;
    case config::EventLog::Matched:
      return work.matched;
    case config::EventLog::Failed:
      return work.failed();
    case config::EventLog::None:
      return false;
  }
  return false;
}

void Dispatcher::close_work(const std::shared_ptr<EventWork>& work) {
  if (!work->close()) return;
  if (logs_event(*work)) {
    const char* status = work->failed() ? "failed" : work->pending ? "pending" : "processed";
    work->add(store::LogEvent{*work->event, status});
  }
  Settlement settlement;
  settlement.shard = work->shard();
  settlement.lease = work->lease;
  settlement.outbox_id = work->outbox_id;
  settlement.writes = work->take_writes();
  settlement.done = [this, work](const Status& outcome) {
    if (!outcome.ok()) return;
    for (const std::string& key : work->take_announced()) gate_.park_written(key);
    if (!work->freed_key.empty()) add_maybe_free(work->shard(), work->freed_key);
  };
  settler_->submit(std::move(settlement));
}

void Dispatcher::deliver_parked(store::Parked parked, std::uint64_t lease) {
  auto event = std::make_shared<const Event>(parked.event);
  auto work = std::make_shared<EventWork>(std::move(event), lease, 0);
  work->hold = std::make_shared<ParkedHold>(*this, parked);
  work->matched = true;
  work->open();
  const PreparedObserver* observer = plan_->find(parked.observer);
  const PreparedAction* action = observer ? observer->find(parked.action) : nullptr;
  if (action == nullptr) {
    log_.write(Level::Warn, "a parked delivery has no action any more: it is kept as orphaned",
               {{"delivery_id", parked.delivery_id.to_string()},
                {"observer", parked.observer},
                {"action", parked.action}});
    parked.state = ParkState::Orphaned;
    parked.reason = observer ? "the observer has no action \"" + parked.action + "\" any more"
                             : "there is no observer \"" + parked.observer + "\" any more";
    work->pending = true;
    work->add(store::Park{std::move(parked)});
    close_work(work);
    return;
  }
  auto delivery = std::make_unique<Delivery>();
  delivery->work = std::move(work);
  delivery->plan = plan_;
  delivery->observer = observer;
  delivery->action_index = static_cast<std::size_t>(action - observer->actions.data());
  delivery->id = parked.delivery_id;
  delivery->ordering_key = parked.ordering_key;
  delivery->started = clock_.now();
  delivery->from_schedule = true;
  delivery->parked = std::move(parked);
  Ready ready;
  ready.push_back(std::move(delivery));
  run(std::move(ready));
}

std::vector<Uuid> Dispatcher::parked_in_flight(int shard) const {
  const std::lock_guard lock(parked_mutex_);
  const auto& ids = parked_in_flight_[static_cast<std::size_t>(shard)];
  return {ids.begin(), ids.end()};
}

std::vector<std::string> Dispatcher::full_lanes(std::size_t most) const {
  std::vector<std::string> lanes;
  const std::lock_guard lock(parked_mutex_);
  for (const auto& [lane, count] : parked_by_lane_) {
    if (!lane.empty() && count >= most) lanes.push_back(lane);
  }
  return lanes;
}

std::vector<std::string> Dispatcher::take_maybe_free(int shard) {
  const std::lock_guard lock(parked_mutex_);
  return std::move(maybe_free_[static_cast<std::size_t>(shard)]);
}

void Dispatcher::add_maybe_free(int shard, std::string key) {
  const std::lock_guard lock(parked_mutex_);
  maybe_free_[static_cast<std::size_t>(shard)].push_back(std::move(key));
}

}  // namespace observerd::delivery
