#include "integration/delivery/host.hpp"

namespace observerd::delivery::tests {

class Host::Counting final : public source::RowSink {
 public:
  Counting(Dispatcher& dispatcher, std::atomic<std::size_t>& count)
      : dispatcher_(dispatcher), count_(count) {}
  Status on_acquired(int shard, std::uint64_t lease, postgres::Connection& connection) override {
    return dispatcher_.on_acquired(shard, lease, connection);
  }
  bool on_rows(int shard, std::uint64_t lease, std::vector<source::OutboxRow> rows) override {
    const std::size_t count = rows.size();
    const bool go_on = dispatcher_.on_rows(shard, lease, std::move(rows));
    count_ += count;
    return go_on;
  }
  void on_lost(int shard, std::uint64_t lease) override { dispatcher_.on_lost(shard, lease); }

 private:
  Dispatcher& dispatcher_;
  std::atomic<std::size_t>& count_;
};

PreparedAction Observers::prepare(const std::string& observer, const Action& action) const {
  PreparedAction prepared;
  prepared.name = action.name;
  prepared.type = "fake";
  prepared.mask = [](std::string text) { return text; };
  prepared.masked_settings = json::Value::object();
  prepared.delivery.retry.initial_delay = Milliseconds(20);
  prepared.delivery.retry.max_delay = Milliseconds(200);
  Diagnostics problems;
  static const auto schema = json::parse(
      R"({"type": "object", "properties": {"action": {"type": "string", "x-template": "text"}}})",
      Code::ActionSettings);
  json::Value settings = json::Value::object();
  settings.set("action", json::Value::string(observer + "/" + action.name));
  prepared.settings = templates::SettingsTemplate::compile(settings, *schema, problems);
  prepared.bound = std::make_shared<FakeAction>(action.lane, "batch");
  prepared.runner = runner_;
  if (action.change) action.change(prepared);
  return prepared;
}

Observers& Observers::add(const std::string& name, const std::vector<Action>& actions,
                          const std::function<void(PreparedObserver&)>& change,
                          const std::string& entity) {
  PreparedObserver observer;
  observer.name = name;
  for (const Action& action : actions) observer.actions.push_back(prepare(name, action));
  if (change) change(observer);
  plan_->observers.push_back(std::move(observer));
  matcher::Rule rule{entity, {}, condition::Condition::always()};
  rule.index = rules_.size();
  rules_.push_back(std::move(rule));
  return *this;
}

Observers& Observers::alert(const config::RateSettings& rate) {
  plan_->alert = std::make_unique<PreparedAlert>();
  plan_->alert->observer.name = kAlertName;
  plan_->alert->observer.actions.push_back(prepare(kAlertName, {"tell", "alerts", {}}));
  plan_->alert->rate = rate;
  return *this;
}

Observers& Observers::event_log(config::EventLog log) {
  plan_->event_log = log;
  return *this;
}

std::shared_ptr<const Plan> Observers::plan() {
  plan_->matcher = std::make_unique<const matcher::Matcher>(rules_);
  return std::move(plan_);
}

Host::Host() : url_(testing::fresh_database()), log_({telemetry::Level::Error}) {
  options_.installation = Uuid::random();
}

Host::~Host() {
  stop();
}

std::shared_ptr<const Plan> Host::make_plan(const std::function<void(Observers&)>& make) {
  Observers observers(runner_);
  make(observers);
  return observers.plan();
}

void Host::start(const std::function<void(Observers&)>& make) {
  // The runner needs the dispatcher, and the plan the runner: it begins with an empty one.
  dispatcher_ = std::make_unique<Dispatcher>(Observers(nullptr).plan(), options_, clock_, log_);
  runner_ = ModuleRunner::start(module_, *dispatcher_, log_);
  dispatcher_->replace_plan(make_plan(make));
  source::Options reading;
  reading.database.url = url_;
  rows_ = std::make_unique<Counting>(*dispatcher_, read_);
  source_ = std::make_unique<source::Source>(reading, *rows_);
  Settler::Options settling;
  settling.database.url = url_;
  settler_ = std::make_unique<Settler>(settling, source_->ledger(), [this](const Status& problem) {
    log_.write(telemetry::Level::Error, problem);
  });
  dispatcher_->connect(*settler_);
  postgres::Options retries;
  retries.url = url_;
  retries_ = std::make_unique<RetryLoop>(retries, options_.shards, *dispatcher_, clock_, log_);
  source_->start();
  retries_->start();
}

void Host::replace(const std::function<void(Observers&)>& make) {
  dispatcher_->replace_plan(make_plan(make));
}

void Host::stop() {
  if (!dispatcher_) return;
  module_->let_go();
  source_->stop_reading();
  retries_->stop();
  (void)eventually([&] { return dispatcher_->under_way() == 0; });
  dispatcher_->close();
  runner_->stop(std::chrono::steady_clock::now());
  (void)settler_->flush(Milliseconds(5000));
  settler_->stop();
  source_->release();
  retries_.reset();
  settler_.reset();
  source_.reset();
  rows_.reset();
  dispatcher_.reset();
  runner_.reset();
}

void Host::restart(const std::function<void(Observers&)>& make) {
  stop();
  start(make);
}

void Host::emit(const std::vector<std::string>& keys, int first) {
  pqxx::connection connection(url_);
  pqxx::work work(connection);
  for (const std::string& key : keys) {
    work.exec_params("SELECT observer.emit('Order', $1::text, json_build_object('n', $2::int))",
                     key, first++);
  }
  work.commit();
  emitted_ += keys.size();
}

std::string Host::schedule() {
  return scalar(
      "SELECT coalesce(string_agg(line, ', ' ORDER BY line), '') FROM (SELECT state || ' ' ||"
      " split_part(reason, ':', 1) || ' ' || count(*) AS line FROM observer.retries"
      " GROUP BY state, split_part(reason, ':', 1)) AS lines");
}

bool Host::wait_until_settled() {
  return eventually([&] {
    return read_ >= emitted_ && source_->drained() && dispatcher_->under_way() == 0 &&
           settler_->backlog() == 0;
  });
}

std::vector<std::string> Host::numbers(const std::string& action) {
  std::vector<std::string> numbers;
  for (const Got& got : module_->got()) {
    if (got.settings.find("\"" + action + "\"") == std::string::npos) continue;
    const auto event = json::parse(got.event, Code::BadEvent);
    const json::Value* row = event ? event->find("new") : nullptr;
    const json::Value* n = row && row->is_object() ? row->find("n") : nullptr;
    numbers.push_back(n ? n->text() : "");
  }
  return numbers;
}

}  // namespace observerd::delivery::tests
