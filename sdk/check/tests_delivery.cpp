#include <algorithm>
#include <functional>
#include <thread>

#include "check/session.hpp"
#include "check/test_functions.hpp"

namespace observerd::check {
namespace {

using std::chrono::milliseconds;

std::string ms(milliseconds time) {
  return std::to_string(time.count()) + " ms";
}

std::uint32_t most_items(const Session& session) {
  return static_cast<std::uint32_t>(session.type().max_batch);
}

/// Says so when deliver did not come back by itself.
bool came_back(Session& session, const Delivered& delivered, milliseconds allowed) {
  if (delivered.on_time()) return true;
  session.trial().finding.fail(session.prefix() +
                               (delivered.returned
                                    ? "deliver returned only after it was cancelled, at " +
                                          ms(delivered.took) + " of " + ms(allowed)
                                    : "deliver has not returned, not even after it was cancelled"));
  return false;
}

using Judge = std::function<void(Session& session, BatchDouble& batch)>;

/// Delivers batches of these sizes, as far as the type takes such, and has each judged.
void deliver_sizes(Trial& trial, std::vector<std::uint32_t> sizes, const Judge& judge) {
  for (const plugin::ActionType& type : trial.types()) {
    const auto session = Session::started(trial, type);
    if (session == nullptr || !session->bind_another()) continue;
    for (const std::uint32_t size : sizes) {
      BatchDouble& batch = session->batch(std::min(size, most_items(*session)));
      if (!came_back(*session, session->deliver(batch, trial.times.deliver), trial.times.deliver)) {
        return;
      }
      judge(*session, batch);
    }
  }
}

void fail_all(Session& session, const Faults& faults) {
  for (const std::string& fault : faults.all()) {
    session.trial().finding.fail(session.prefix() + fault);
  }
}

/// The first index whose reports are not as they should be.
void judge_counts(Session& session, BatchDouble& batch, bool twice) {
  for (std::uint32_t i = 0; i < batch.count(); ++i) {
    const std::uint32_t reports = batch.reports(i);
    if (twice ? reports < 2 : reports > 0) continue;
    session.trial().finding.fail(
        session.prefix() + "item " + std::to_string(i) + " of a batch of " +
        std::to_string(batch.count()) +
        (twice ? " was reported " + std::to_string(reports) + " times" : " was never reported"));
    return;
  }
}

/// One deliver with so much time left; it has to be back that much and a grace period later.
void deliver_with(Session& session, milliseconds left) {
  BatchDouble& batch = session.batch(std::min<std::uint32_t>(4, most_items(session)));
  const Delivered delivered = session.deliver(batch, left);
  if (!came_back(session, delivered, left)) return;
  judge_counts(session, batch, false);
}

void deliver_cancelled(Session& session, milliseconds after) {
  Trial& trial = session.trial();
  BatchDouble& batch = session.batch(std::min<std::uint32_t>(4, most_items(session)));
  const milliseconds left = trial.times.deliver + trial.times.grace;
  if (after.count() == 0) batch.cancel();
  std::thread canceller([&] {
    std::this_thread::sleep_for(after);
    batch.cancel();
  });
  const Delivered delivered = session.deliver(batch, left);
  canceller.join();
  if (!came_back(session, delivered, left)) return;
  if (delivered.took > after + trial.times.grace) {
    trial.finding.fail(session.prefix() + "deliver was cancelled after " + ms(after) +
                       " and returned after " + ms(delivered.took));
  }
}

}  // namespace

void test_returns(Trial& trial) {
  deliver_sizes(trial, {1}, [](Session&, BatchDouble&) {});
}

void test_every_item(Trial& trial) {
  deliver_sizes(trial, {1, 2, 5},
                [](Session& session, BatchDouble& batch) { judge_counts(session, batch, false); });
}

void test_no_item_twice(Trial& trial) {
  deliver_sizes(trial, {1, 2, 5},
                [](Session& session, BatchDouble& batch) { judge_counts(session, batch, true); });
}

void test_only_its_items(Trial& trial) {
  deliver_sizes(trial, {1, 2, 5}, [](Session& session, BatchDouble& batch) {
    fail_all(session, batch.out_of_range());
  });
}

void test_not_late(Trial& trial) {
  deliver_sizes(trial, {1, 5}, [](Session& session, BatchDouble& batch) {
    if (batch.late() == 0) return;
    session.trial().finding.fail(session.prefix() + std::to_string(batch.late()) +
                                 " reports came after deliver had returned");
  });
}

void test_results(Trial& trial) {
  deliver_sizes(trial, {1, 8}, [](Session& session, BatchDouble& batch) {
    fail_all(session, batch.malformed());
    for (const std::string& fault : batch.too_long().all()) {
      session.trial().finding.warn(session.prefix() + fault);
    }
  });
}

void test_full_batches(Trial& trial) {
  for (const plugin::ActionType& type : trial.types()) {
    const auto session = Session::started(trial, type);
    if (session == nullptr || !session->bind_another() || !session->bind_another()) continue;
    const std::uint32_t most = most_items(*session);
    for (const std::uint32_t size : {most, (most + 1) / 2, std::max(most, 2U) - 1}) {
      BatchDouble& batch = session->batch(size);
      if (!came_back(*session, session->deliver(batch, trial.times.deliver), trial.times.deliver)) {
        return;
      }
    }
  }
}

void test_deadline(Trial& trial) {
  for (const plugin::ActionType& type : trial.types()) {
    const auto session = Session::started(trial, type);
    if (session == nullptr) continue;
    for (const milliseconds left : {milliseconds(-1'000), milliseconds(0), milliseconds(20)}) {
      if (!trial.stuck) deliver_with(*session, left);
    }
  }
}

void test_cancel(Trial& trial) {
  for (const plugin::ActionType& type : trial.types()) {
    const auto session = Session::started(trial, type);
    if (session == nullptr) continue;
    for (const milliseconds after : {milliseconds(0), milliseconds(1), milliseconds(20)}) {
      if (!trial.stuck) deliver_cancelled(*session, after);
    }
  }
}

void test_logs(Trial& trial) {
  deliver_sizes(trial, {1, 5},
                [](Session& session, BatchDouble&) { fail_all(session, session.faults()); });
}

}  // namespace observerd::check
