#include "check/run.hpp"

#include <poll.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

#include "check/child.hpp"

namespace observerd::check {
namespace {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::string_view process_test = "starts-no-process";

/// The outcomes so far, and what they mean for the tests that are left.
class Progress {
 public:
  explicit Progress(const std::vector<const Test*>& tests) : tests_(tests) {
    outcomes_.resize(tests.size());
    for (std::size_t i = 0; i < tests.size(); ++i) outcomes_[i].test = tests[i];
    done_.resize(tests.size());
  }

  std::size_t size() const { return tests_.size(); }
  bool is_done(std::size_t i) const { return done_[i]; }
  Outcome& outcome(std::size_t i) { return outcomes_[i]; }
  void set_done(std::size_t i) { done_[i] = true; }

  /// True when it may run now. When it cannot any more, it is skipped and done.
  bool is_ready(std::size_t i) {
    bool ready = true;
    for (const std::string_view need : tests_[i]->needs) {
      const std::size_t needed = index_of(need);
      ready = ready && done_[needed];
      const Verdict verdict = outcomes_[needed].finding.verdict();
      if (!done_[needed] || verdict == Verdict::Ok || verdict == Verdict::Warning) continue;
      outcomes_[i].finding.skip("it needs " + std::string(need) + ", which " +
                                (verdict == Verdict::Failed ? "failed" : "was skipped"));
      done_[i] = true;
      return false;
    }
    return ready;
  }

  std::vector<Outcome> take() { return std::move(outcomes_); }

 private:
  /// A selection holds everything that its tests need.
  std::size_t index_of(std::string_view name) const {
    const auto found = std::find_if(tests_.begin(), tests_.end(),
                                    [&](const Test* test) { return name == test->name; });
    return static_cast<std::size_t>(found - tests_.begin());
  }

  const std::vector<const Test*>& tests_;
  std::vector<Outcome> outcomes_;
  std::vector<bool> done_;
};

/// The test processes of one run.
class Children {
 public:
  Children(const plugin::Candidate& file, const GivenSettings& given, const Options& options,
           Progress& progress)
      : file_(file), given_(given), options_(options), progress_(progress) {}

  std::size_t count() const { return running_.size(); }
  const Isolation& isolation() const { return isolation_; }

  void start(std::size_t index) {
    const Test& test = *progress_.outcome(index).test;
    auto stage = std::make_shared<Stage>();
    const Body body = [this, &test, stage] {
      Loader loader(file_);
      Trial trial{loader, file_, given_, TrialTimes(options_.time_limit), *stage};
      run_test(test, trial);
      return Answer{json::write(trial.finding.to_json()), trial.leave_by_exit};
    };
    auto child =
        Child::start(body, {options_.time_limit, options_.network, file_.file.get()}, stage);
    if (!child) {
      progress_.outcome(index).finding.fail(child.status());
      progress_.set_done(index);
      return;
    }
    running_.push_back({index, std::move(*child)});
  }

  /// Waits until something has happened, and takes it up.
  void wait() {
    std::vector<pollfd> polled;
    auto until = Clock::now() + std::chrono::hours(1);
    for (const Running& running : running_) {
      running.child->add_to(polled);
      until = std::min(until, running.child->deadline());
    }
    const auto left = duration_cast<milliseconds>(until - Clock::now()) + milliseconds(1);
    ::poll(polled.data(), polled.size(), static_cast<int>(std::max<long>(0, left.count())));
    for (std::size_t i = running_.size(); i-- > 0;) {
      if (!running_[i].child->advance()) continue;
      const Running over = std::move(running_[i]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      take_up(over.index, over.child->finish());
    }
    std::vector<pid_t> known = foreign_;
    for (const Running& running : running_) known.push_back(running.child->guardian());
    end_orphans(known);
  }

 private:
  struct Running {
    std::size_t index;
    std::unique_ptr<Child> child;
  };

  void take_up(std::size_t index, const Ending& ending) {
    Outcome& outcome = progress_.outcome(index);
    outcome.took = ending.took;
    isolation_ = ending.isolation;
    progress_.set_done(index);
    if (!ending.payload) {
      outcome.finding.fail(ending.problem);
      for (const std::string& detail : ending.details) outcome.finding.fail(detail);
      return;
    }
    const Result<json::Value> value = json::parse(*ending.payload, Code::PluginMisbehaved);
    if (!value || !Finding::from_json(*value, outcome.finding)) {
      outcome.finding.fail("its result makes no sense: the memory of the process was damaged");
    } else if (ending.left_behind > 0 && outcome.test->name == process_test) {
      outcome.finding.fail("processes that it left behind and that were ended: " +
                           std::to_string(ending.left_behind));
    }
  }

  const plugin::Candidate& file_;
  const GivenSettings& given_;
  const Options& options_;
  Progress& progress_;
  /// Whoever became this program (exec) may have had children: they are none of its business.
  const std::vector<pid_t> foreign_ = own_children();
  std::vector<Running> running_;
  Isolation isolation_;
};

}  // namespace

std::vector<const Test*> select_tests(const std::vector<std::string>& names) {
  std::vector<std::string> wanted = names;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Test* test = find_test(wanted[i]);
    if (test != nullptr) wanted.insert(wanted.end(), test->needs.begin(), test->needs.end());
  }
  std::vector<const Test*> selected;
  for (const Test& test : all_tests()) {
    const bool named = std::find(wanted.begin(), wanted.end(), test.name) != wanted.end();
    if (names.empty() || named) selected.push_back(&test);
  }
  return selected;
}

RunResult run_in_children(const std::vector<const Test*>& tests, const plugin::Candidate& file,
                          const GivenSettings& given, const Options& options) {
  adopt_orphans();
  const std::size_t jobs =
      options.jobs != 0 ? options.jobs : std::max(2U, std::thread::hardware_concurrency());
  Progress progress(tests);
  Children children(file, given, options, progress);
  std::vector<bool> begun(progress.size());
  for (;;) {
    // Each comes after what it needs, so one pass skips whatever is to be skipped.
    for (std::size_t i = 0; i < progress.size() && children.count() < jobs; ++i) {
      if (begun[i] || progress.is_done(i) || !progress.is_ready(i)) continue;
      begun[i] = true;
      children.start(i);
    }
    if (children.count() == 0) break;
    children.wait();
  }
  return {progress.take(), children.isolation(), false};
}

RunResult run_in_process(const std::vector<const Test*>& tests, const plugin::Candidate& file,
                         const GivenSettings& given, const Options& options) {
  Progress progress(tests);
  Loader loader(file);
  Stage stage;
  bool stuck = false;
  for (std::size_t i = 0; i < progress.size(); ++i) {
    Outcome& outcome = progress.outcome(i);
    if (!progress.is_ready(i)) continue;
    if (stuck) {
      outcome.finding.skip("a thread of this process is stuck in the plugin");
    } else {
      const auto begin = Clock::now();
      Trial trial{loader, file, given, TrialTimes(options.time_limit), stage, false};
      run_test(*outcome.test, trial);
      stuck = trial.stuck;
      outcome.finding = std::move(trial.finding);
      outcome.took = duration_cast<milliseconds>(Clock::now() - begin);
    }
    progress.set_done(i);
  }
  return {progress.take(), {}, stuck};
}

}  // namespace observerd::check
