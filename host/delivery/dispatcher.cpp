#include "delivery/dispatcher.hpp"

#include "event/trace_parent.hpp"
#include "store/store.hpp"

/// The first part of the dispatcher: from rows to deliveries, and from finished events to the
/// settler.
namespace observerd::delivery {
namespace {

using telemetry::Level;

constexpr std::chrono::seconds kConditionErrorLogInterval{10};
/// Events and parked deliveries that are through but not written down: what a crash repeats at
/// most, besides what is with the plugins.
constexpr std::size_t kMaxUnwritten = 1000;
/// Events whose deliveries go to the runners together.
constexpr std::size_t kLaunchTogether = 64;

}  // namespace

Dispatcher::Dispatcher(std::shared_ptr<const Plan> plan, const DispatcherOptions& options,
                       const Clock& clock, telemetry::Log& log)
    : options_(options),
      clock_(clock),
      log_(log),
      active_(std::make_shared<const ActivePlan>(std::move(plan), nullptr)),
      budget_(options.queue_events, options.queue_bytes),
      dropping_(options.queue_events, options.queue_bytes),
      parked_(options.shards),
      alerter_(clock, log),
      leases_(static_cast<std::size_t>(options.shards)) {}

Dispatcher::~Dispatcher() = default;

Status Dispatcher::on_acquired(int shard, std::uint64_t lease, postgres::Connection& connection) {
  Result<std::vector<std::string>> keys = store::parked_keys(connection, shard);
  if (!keys) return keys.status();
  for (std::string& key : *keys) gate_.add_parked(std::move(key), shard);
  leases_[static_cast<std::size_t>(shard)] = lease;
  return {};
}

bool Dispatcher::on_rows(int shard, std::uint64_t lease, std::vector<source::OutboxRow> rows) {
  if (options_.metrics != nullptr) options_.metrics->events_read(rows.size());
  Ready ready;
  for (source::OutboxRow& row : rows) {
    if (ready.waiting.size() >= kLaunchTogether) run(ready);
    const std::size_t bytes = row.new_text.size() + row.old_text.size() + EventWork::kOverhead;
    bool drop = false;
    std::shared_ptr<void> hold = admit(bytes, drop, ready);
    if (hold == nullptr && !drop) return false;
    if (lease != this->lease(shard)) break;  // lost meanwhile: its rows are read again
    Result<Event> event = source::to_event(row, options_.installation);
    if (!event) {
      settle_bad_row(row, lease, event.status());
      continue;
    }
    auto shared = std::make_shared<const Event>(std::move(*event));
    if (drop) {
      drop_event(active(), std::move(shared), lease, bytes);
    } else {
      begin(active(), std::move(shared), lease, std::move(hold), ready);
    }
  }
  run(ready);
  return true;
}

void Dispatcher::on_lost(int shard, std::uint64_t lease) {
  std::uint64_t expected = lease;
  if (!leases_[static_cast<std::size_t>(shard)].compare_exchange_strong(expected, 0)) return;
  for (DeliveryPtr& delivery : gate_.drop_shard(shard)) delivery.reset();
  parked_.forget(shard);
}

bool Dispatcher::may_leave(int shard, std::uint64_t lease) {
  return lease != this->lease(shard) || parked_.in_flight(shard).empty();
}

std::uint64_t Dispatcher::lease(int shard) const {
  return leases_[static_cast<std::size_t>(shard)];
}

bool Dispatcher::may_deliver(const Delivery& delivery) {
  return delivery.is_alert ? !closed_ : delivery.work->lease == lease(delivery.work->shard());
}

bool Dispatcher::may_go_on() {
  return settler_->backlog() < kMaxUnwritten;
}

void Dispatcher::close() {
  closed_ = true;
  budget_.close();
  dropping_.close();
}

std::size_t Dispatcher::under_way() const {
  return budget_.events() + dropping_.events() + parked_.count() + alerts_;
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

void Dispatcher::match(const ActivePlan& plan, const Event& event,
                       std::vector<std::size_t>& fired) {
  thread_local std::vector<matcher::Undecided> undecided;
  undecided.clear();
  plan.plan->matcher->match(event, fired, &undecided);
  for (const matcher::Undecided& one : undecided) report_condition_error(plan, one, event);
  for (const std::size_t index : fired) ++plan.counter(index).matched;
  if (!fired.empty() && options_.metrics != nullptr) options_.metrics->events_matched(1);
}

void Dispatcher::report_condition_error(const ActivePlan& plan, const matcher::Undecided& undecided,
                                        const Event& event) {
  const std::string& observer = plan.plan->observers[undecided.index].name;
  ObserverCounter& counter = plan.counter(undecided.index);
  ++counter.condition_errors;
  if (options_.metrics != nullptr) options_.metrics->condition_error(observer);
  const SteadyTime now = clock_.steady_now();
  {
    const std::lock_guard lock(log_mutex_);
    SteadyTime& last = condition_error_logged_[observer];
    if (last != SteadyTime() && now - last < kConditionErrorLogInterval) return;
    last = now;
  }
  const Status problem = undecided.status(event);
  counter.set_last_condition_error(problem.to_string());
  log_.write(Level::Warn, problem,
             {{"observer", observer},
              {"event_id", event.id.to_string()},
              {"traceparent", event.trace_parent},
              {"trace_id", std::string(trace_id(event.trace_parent))},
              {"errors", std::to_string(counter.condition_errors)}});
}

void Dispatcher::begin(const std::shared_ptr<const ActivePlan>& plan,
                       std::shared_ptr<const Event> event, std::uint64_t lease,
                       std::shared_ptr<void> hold, Ready& ready) {
  thread_local std::vector<std::size_t> fired;
  fired.clear();
  match(*plan, *event, fired);
  const std::int64_t outbox_id = event->outbox_id;
  auto work = std::make_shared<EventWork>(std::move(event), lease, outbox_id);
  work->hold = std::move(hold);
  work->matched = !fired.empty();
  work->arrived = clock_.steady_now();
  work->open();
  for (const std::size_t index : fired) {
    work->open();
    start_action(plan, work, plan->plan->observers[index], 0, ready);
  }
  close_work(work, *plan);
}

void Dispatcher::connect(Settler& settler) {
  settler_ = &settler;
  settler.limit_release([this](const std::string& key, std::span<const std::int64_t> settling) {
    return gate_.first_unwritten(key, settling);
  });
}

bool Dispatcher::logs_event(const EventWork& work, const ActivePlan& plan) const {
  if (work.dropped()) return true;  // nothing else tells what became of it
  switch (plan.plan->event_log) {
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

void Dispatcher::close_work(const std::shared_ptr<EventWork>& work, const ActivePlan& plan) {
  if (!work->close()) return;
  if (logs_event(*work, plan)) work->add(store::LogEvent{work->event, work->status()});
  Settlement settlement;
  settlement.shard = work->shard();
  settlement.lease = work->lease;
  settlement.outbox_id = work->outbox_id;
  settlement.writes = work->take_writes();
  settlement.done = [this, work](const Status& outcome) {
    if (!outcome.ok()) return;
    for (const std::string& key : work->take_announced()) {
      gate_.park_written(key, work->outbox_id);
    }
    if (!work->freed_key.empty()) parked_.add_maybe_free(work->shard(), work->freed_key);
    send_alerts(*work);
    if (options_.metrics == nullptr || work->outbox_id == 0) return;
    options_.metrics->events_settled(1);
    options_.metrics->commit_to_settled(clock_.now() - work->event->created);
  };
  settler_->submit(std::move(settlement));
}

}  // namespace observerd::delivery
