#include <algorithm>
#include <atomic>
#include <thread>

#include "check/session.hpp"
#include "check/test_functions.hpp"

namespace observerd::check {
namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t small_batch = 4;

std::uint32_t small(const Session& session) {
  return std::min(small_batch, static_cast<std::uint32_t>(session.type().max_batch));
}

/// One batch, each item of which is reported.
void deliver_well(Session& session, const std::string& when) {
  Trial& trial = session.trial();
  if (trial.stuck) return;
  BatchDouble& batch = session.batch(small(session));
  if (!session.deliver(batch, trial.times.deliver).on_time()) {
    return trial.finding.fail(session.prefix() + "deliver does not return in time " + when);
  }
  for (std::uint32_t i = 0; i < batch.count(); ++i) {
    if (batch.reports(i) > 0) continue;
    return trial.finding.fail(session.prefix() + "an item was not reported " + when);
  }
}

/// Delivers small batches one after the other until told to stop.
class Lane {
 public:
  Lane(Session& session, const std::atomic<bool>& ended, Faults& faults)
      : session_(session), batch_(session.batch(small(session))), ended_(ended), faults_(faults) {}

  void run() {
    while (!ended_) {
      batch_.renew();
      session_.deliver_here(batch_);
      for (std::uint32_t i = 0; i < batch_.count(); ++i) judge(i);
      if (batch_.late() > 0) faults_.add("an item was reported after its deliver had returned");
      for (const std::string& fault : batch_.out_of_range().all()) faults_.add(fault);
      if (!faults_.empty()) return;  // the batch may be in use still: no further round
    }
  }

 private:
  void judge(std::uint32_t index) {
    const std::uint32_t reports = batch_.reports(index);
    if (reports == 0) faults_.add("an item was not reported");
    if (reports > 1) faults_.add("an item was reported more than once");
  }

  Session& session_;
  BatchDouble& batch_;
  const std::atomic<bool>& ended_;
  Faults& faults_;
};

/// So many threads deliver at a time for a while; what is wrong with that.
void run_lanes(Session& session, std::size_t threads, milliseconds time, Faults& faults) {
  std::atomic<bool> ended{false};
  std::vector<std::unique_ptr<Lane>> lanes;
  for (std::size_t i = 0; i < threads; ++i) {
    lanes.push_back(std::make_unique<Lane>(session, ended, faults));
  }
  std::vector<std::thread> running;
  for (const auto& lane : lanes) running.emplace_back([&lane] { lane->run(); });
  std::this_thread::sleep_for(time);
  ended = true;
  for (std::thread& thread : running) thread.join();
}

}  // namespace

void test_exceptions(Trial& trial) {
  for (const plugin::ActionType& type : trial.types()) {
    const auto session = Session::started(trial, type);
    if (session == nullptr) continue;
    session->deliver(session->batch(1), trial.times.deliver);
    if (!trial.stuck) session->deliver(session->batch(small(*session)), trial.times.deliver);
    if (trial.stuck) break;
    PreviewDouble preview(session->memory());
    session->preview(preview);
    ErrorsDouble errors(session->memory());
    std::int32_t answer = 0;
    session->probe(errors, answer);
  }
  for (const std::string& what : trial.exceptions.all()) trial.finding.fail(what);
}

void test_restart(Trial& trial) {
  for (const plugin::ActionType& type : trial.types()) {
    const auto session = Session::started(trial, type);
    if (session == nullptr) continue;
    deliver_well(*session, "before stop");
    for (const char* when : {"after stop and start", "after stop and start, twice"}) {
      if (trial.stuck) return;
      session->stop();
      if (!session->start()) {
        trial.finding.fail(session->prefix() + "start fails after stop: " + session->last_error());
        break;
      }
      deliver_well(*session, when);
    }
  }
}

void test_two_modules(Trial& trial) {
  for (const plugin::ActionType& type : trial.types()) {
    auto first = Session::started(trial, type);
    const auto second = Session::started(trial, type);
    if (first == nullptr || second == nullptr) continue;
    deliver_well(*first, "beside another module");
    deliver_well(*second, "beside another module");
    if (trial.stuck) return;
    first.reset();
    deliver_well(*second, "after another module was closed");
  }
}

void test_parallel(Trial& trial) {
  constexpr std::size_t most_threads = 8;
  bool any = false;
  for (const plugin::ActionType& type : trial.types()) {
    if ((!type.thread_safe && !type.async) || type.max_concurrency < 2) continue;
    any = true;
    const auto session = Session::started(trial, type);
    if (session == nullptr || !session->bind_another()) continue;
    Faults faults;
    const auto threads = std::min(most_threads, static_cast<std::size_t>(type.max_concurrency));
    run_lanes(*session, threads, trial.times.loop, faults);
    for (const std::string& fault : faults.all()) {
      trial.finding.fail(session->prefix() + fault + " while " + std::to_string(threads) +
                         " threads delivered");
    }
  }
  if (!any) trial.finding.skip("no type takes more than one batch at a time");
}

void test_probe(Trial& trial) {
  bool any = false;
  for (const plugin::ActionType& type : trial.types()) {
    if (type.table->probe == nullptr) continue;
    any = true;
    const auto session = Session::open(trial, type);
    if (session == nullptr) continue;
    for (const char* when : {"before start", "after start"}) {
      ErrorsDouble errors(session->memory());
      std::int32_t answer = 0;
      const bool calm = session->probe(errors, answer);
      const std::string prefix = session->prefix() + "probe " + when + ": ";
      for (const std::string& fault : errors.faults().all()) trial.finding.fail(prefix + fault);
      if (calm && answer != 0 && errors.count() == 0) {
        trial.finding.fail(prefix + "returned " + std::to_string(answer) + " without saying why");
      }
      session->start();
    }
  }
  if (!any) trial.finding.skip("no type has a probe");
}

void test_preview(Trial& trial) {
  constexpr std::size_t shown_bytes = std::size_t{1} << 20;  // what the host keeps
  bool any = false;
  for (const plugin::ActionType& type : trial.types()) {
    if (type.table->preview == nullptr) continue;
    any = true;
    const auto session = Session::open(trial, type);
    if (session == nullptr) continue;
    for (const char* when : {"before start", "after start"}) {
      PreviewDouble preview(session->memory());
      session->preview(preview);
      const std::string prefix = session->prefix() + "preview " + when + ": ";
      check_text("the preview", {preview.text.data(), preview.text.size()}, preview.faults);
      for (const std::string& fault : preview.faults.all()) trial.finding.fail(prefix + fault);
      if (preview.text.size() > shown_bytes) {
        trial.finding.warn(prefix + std::to_string(preview.text.size()) +
                           " bytes, of which the host shows a mebibyte");
      }
      session->start();
    }
  }
  if (!any) trial.finding.skip("no type has a preview");
}

}  // namespace observerd::check
