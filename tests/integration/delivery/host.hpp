#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/uuid.hpp"
#include "delivery/dispatcher.hpp"
#include "delivery/retry_loop.hpp"
#include "delivery/settler.hpp"
#include "source/source.hpp"
#include "support/eventually.hpp"
#include "support/postgres.hpp"
#include "unit/delivery/fake_module.hpp"

namespace observerd::delivery::tests {

using testing::eventually;

/// Observers for one fake module, made into plans.
class Observers {
 public:
  struct Action {
    std::string name;
    std::string lane = "there";
    std::function<void(PreparedAction&)> change;  ///< of anything else; may be empty
  };

  explicit Observers(std::shared_ptr<ModuleRunner> runner) : runner_(std::move(runner)) {}
  Observers& add(const std::string& name, const std::vector<Action>& actions,
                 const std::function<void(PreparedObserver&)>& change = {},
                 const std::string& entity = "Order");
  Observers& alert(const config::RateSettings& rate);
  Observers& event_log(config::EventLog log);
  /// Leaves this object empty.
  std::shared_ptr<const Plan> plan();

 private:
  PreparedAction prepare(const std::string& observer, const Action& action) const;

  std::shared_ptr<ModuleRunner> runner_;
  std::shared_ptr<Plan> plan_ = std::make_shared<Plan>();
  std::vector<matcher::Rule> rules_;
};

/// Everything between the outbox and one fake module, as the daemon puts it together, on a database
/// of its own.
class Host {
 public:
  Host();
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  DispatcherOptions& options() { return options_; }
  /// The fake module answers with what the test says.
  FakeModule& module() { return *module_; }
  /// `make` describes the observers.
  void start(const std::function<void(Observers&)>& make);
  void replace(const std::function<void(Observers&)>& make);
  /// As at the end of the daemon, then a new process on the same database.
  void stop();
  void restart(const std::function<void(Observers&)>& make);
  Dispatcher& dispatcher() { return *dispatcher_; }

  /// One event for each of `keys`: {"n": i}, i counting from `first`.
  void emit(const std::vector<std::string>& keys, int first = 1);
  void sql(const std::string& statement) { testing::run_sql(url_, statement); }
  std::string scalar(const std::string& query) { return testing::scalar(url_, query); }
  /// "held paused 3, behind an earlier… 2": the schedule by state and cause.
  std::string schedule();
  /// All that was emitted has been read, nothing is under way, and everything is written down.
  bool wait_until_settled();
  /// The texts of "n" in the events that an action (its settings say which) got, in order.
  std::vector<std::string> numbers(const std::string& action);
  const std::string& url() const { return url_; }

 private:
  /// Counts the rows on their way to the dispatcher.
  class Counting;

  std::shared_ptr<const Plan> make_plan(const std::function<void(Observers&)>& make);

  const std::string url_;
  const SystemClock clock_;
  telemetry::Log log_;
  DispatcherOptions options_;
  std::atomic<std::size_t> emitted_{0};
  std::atomic<std::size_t> read_{0};
  std::shared_ptr<FakeModule> module_ = std::make_shared<FakeModule>();
  std::unique_ptr<Dispatcher> dispatcher_;
  std::shared_ptr<ModuleRunner> runner_;
  std::unique_ptr<Counting> rows_;
  std::unique_ptr<source::Source> source_;
  std::unique_ptr<Settler> settler_;
  std::unique_ptr<RetryLoop> retries_;
};

}  // namespace observerd::delivery::tests
