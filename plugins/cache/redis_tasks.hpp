#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cache/operation.hpp"
#include "cache/outcome.hpp"
#include "cache/redis_nodes.hpp"
#include "cache/settings.hpp"

namespace observerd::cache {

/// A part of one item's work that takes rounds, because keys must be found before they are removed:
/// what it asks in a round is sent together with what the other tasks of the batch ask, and it is
/// given its answers before it is asked again.
class Task {
 public:
  virtual ~Task() = default;
  virtual bool is_over() const = 0;
  /// The commands of the next round, at least one. Not when it is over.
  virtual std::vector<Command> ask() = 0;
  /// The answers to them, as many and in that order.
  virtual void take(std::vector<Answer> answers) = 0;

  /// What went wrong, if anything has.
  const std::optional<sdk::Result>& failure() const { return failure_; }
  /// How many keys it has removed or written.
  std::size_t keys() const { return keys_; }

 protected:
  void fail(sdk::Result failure) {
    failure_ = failure_ ? worse_of(*std::move(failure_), std::move(failure)) : std::move(failure);
  }
  /// Notes the failure in an answer, or gives its reply.
  const Reply* reply_of(const Answer& answer);
  void add_keys(std::size_t count) { keys_ += count; }

 private:
  std::optional<sdk::Result> failure_;
  std::size_t keys_ = 0;
};

/// What all tasks go by.
struct TaskContext {
  const StoreSettings& settings;
  bool is_cluster = false;
  std::vector<Endpoint> masters;  ///< what a pattern is looked for on
};

/// Appends the commands that need no answer of an earlier one: UNLINK of keys, SET, PUBLISH. The
/// keys of the operation go into them.
void add_direct(Operation& operation, const StoreSettings& settings, bool is_cluster,
                std::vector<Command>& commands);
/// Appends UNLINK of the keys: one, but in a cluster, where keys of one command must share a slot,
/// one for each.
void add_unlink(std::vector<std::string> keys, bool is_cluster, std::vector<Command>& commands);
/// How many keys a command has removed or written, by its reply.
std::size_t keys_done(const Reply& reply);

/// The tasks of one operation's pattern and tags; all can run at the same time.
std::vector<std::unique_ptr<Task>> make_tasks(const Operation& operation,
                                              const TaskContext& context);

/// First commands of the tasks that come in rounds, for a preview.
std::vector<std::string> scan_words(const std::string& cursor, const std::string& pattern);
std::vector<std::string> set_scan_words(const std::string& key, const std::string& cursor);
/// The pattern as Redis gets it: the prefix stands for itself.
std::string prefixed_pattern(const StoreSettings& settings, const std::string& pattern);

}  // namespace observerd::cache
