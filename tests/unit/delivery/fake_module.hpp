#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "plugin/module.hpp"
#include "plugin/registry.hpp"

namespace observerd::delivery::tests {

struct FakeAction final : plugin::BoundAction {
  FakeAction(std::string lane, std::string batch)
      : lane_(std::move(lane)), batch_(std::move(batch)) {}
  const std::string& lane_key() const override { return lane_; }
  const std::string& batch_key() const override { return batch_; }

 private:
  const std::string lane_, batch_;
};

/// What the plugin got, in the order in which it got it.
struct Got {
  std::string delivery_id, lane, event, settings;
  int attempt = 0;
  std::uint64_t order = 0;
  std::chrono::steady_clock::time_point at;
};

/// A synchronous module in this process whose answers a test decides. Thread-safe.
class FakeModule final : public plugin::Module {
 public:
  using Answer = std::function<plugin::ItemResult(const plugin::Item&)>;

  explicit FakeModule(int max_batch = 8, int max_concurrency = 8) {
    type_.type = "fake";
    type_.max_batch = max_batch;
    type_.max_concurrency = max_concurrency;
    type_.thread_safe = true;
  }

  static plugin::ItemResult result(plugin::Outcome outcome, Milliseconds retry_after = {}) {
    plugin::ItemResult result;
    result.outcome = outcome;
    result.retry_after = retry_after;
    result.code = "fake";
    return result;
  }

  /// What each item is answered with, from now on; called without a lock.
  void answer(Answer answer) {
    const std::lock_guard lock(mutex_);
    answer_ = std::make_shared<const Answer>(std::move(answer));
  }
  void answer(plugin::Outcome outcome) {
    answer([outcome](const plugin::Item&) { return result(outcome); });
  }
  std::vector<Got> got() const {
    const std::lock_guard lock(mutex_);
    return got_;
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return got_.size();
  }
  std::size_t most_at_once() const {
    const std::lock_guard lock(mutex_);
    return most_at_once_;
  }
  bool wait_for(std::size_t count, std::chrono::seconds patience = std::chrono::seconds(20)) const {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, patience, [&] { return got_.size() >= count; });
  }
  /// Until `count` items wait inside `hold_all`.
  bool wait_for_held(std::size_t count) const {
    std::unique_lock lock(mutex_);
    return more_.wait_for(lock, std::chrono::seconds(20), [&] { return inside_ >= count; });
  }
  /// Batches that come while it is held do not return until let_go().
  void hold_all() {
    const std::lock_guard lock(mutex_);
    held_ = true;
  }
  void let_go() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    more_.notify_all();
  }

  const plugin::ActionType& type() const override { return type_; }
  std::unique_ptr<plugin::BoundAction> bind(const std::string&, Diagnostics&) override {
    return nullptr;
  }
  Status start() override { return {}; }
  std::shared_ptr<plugin::Call> deliver(std::vector<plugin::Item> items, SteadyTime,
                                        plugin::ReportFn report, plugin::StartedFn) override {
    std::shared_ptr<const Answer> answer;
    {
      std::unique_lock lock(mutex_);
      inside_ += items.size();
      most_at_once_ = std::max(most_at_once_, inside_);
      for (const plugin::Item& item : items) {
        got_.push_back({item.delivery_id, item.action->lane_key(), *item.event_json,
                        *item.settings_json, item.attempt, item.order,
                        std::chrono::steady_clock::now()});
      }
      more_.notify_all();
      more_.wait(lock, [&] { return !held_; });
      answer = answer_;
    }
    for (std::uint32_t i = 0; i < items.size(); ++i) {
      plugin::ItemResult one = answer ? (*answer)(items[i]) : result(plugin::Outcome::Delivered);
      {
        const std::lock_guard lock(mutex_);
        --inside_;
      }
      report(i, std::move(one));
    }
    return nullptr;
  }
  void stop() override { let_go(); }
  Status probe(const plugin::BoundAction&, bool& supported) override {
    supported = false;
    return {};
  }
  std::string preview(const plugin::Item&) override { return {}; }

 private:
  plugin::ActionType type_;
  mutable std::mutex mutex_;
  mutable std::condition_variable more_;
  std::shared_ptr<const Answer> answer_;
  std::vector<Got> got_;
  std::size_t inside_ = 0, most_at_once_ = 0;
  bool held_ = false;
};

}  // namespace observerd::delivery::tests
