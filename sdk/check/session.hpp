#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "check/batch_double.hpp"
#include "check/host_double.hpp"
#include "check/sink_doubles.hpp"
#include "check/trial.hpp"

namespace observerd::check {

/// How a deliver ended.
struct Delivered {
  bool returned = false;   ///< false: it is still in the plugin, and so are its batch and module
  bool cancelled = false;  ///< it had to be cancelled
  std::chrono::milliseconds took{0};
  bool on_time() const { return returned && !cancelled; }
};

/// One module with actions, from open to close. What was begun is ended in the destructor, unless
/// the plugin is stuck. Used by one thread but for deliver_here and batches.
class Session {
 public:
  /// Opens and binds with the first settings that the plugin accepts. nullptr when it accepts none;
  /// `refusal` then says why it refused the last ones.
  static std::unique_ptr<Session> open(Trial& trial, const plugin::ActionType& type, Shape shape,
                                       std::string& refusal);
  /// The same; a refusal fails the test.
  static std::unique_ptr<Session> open(Trial& trial, const plugin::ActionType& type,
                                       Shape shape = {});
  /// The settings that open would go with.
  static std::optional<TrialSettings> accepted(Trial& trial, const plugin::ActionType& type,
                                               std::string& refusal);
  /// And started.
  static std::unique_ptr<Session> started(Trial& trial, const plugin::ActionType& type,
                                          Shape shape = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// False when the plugin says that it cannot, or did before.
  bool start();
  void stop();
  /// Unbinds and closes: what the destructor would do.
  void end();

  /// A batch of `count` items over all actions that may share one; its memory stays until the
  /// session's does.
  BatchDouble& batch(std::uint32_t count);
  /// One more action with the same settings. A refusal fails the test.
  bool bind_another();

  /// On a thread of its own, cancelled after its deadline and a grace period, and given up when
  /// even that does not help: the session is stuck then. Waits for the reports too: of an
  /// asynchronous type until the deadline, else for late ones when some are missing.
  Delivered deliver(BatchDouble& batch, std::chrono::milliseconds until_deadline);
  /// On this thread, whatever happens; waits for an asynchronous type's reports.
  void deliver_here(BatchDouble& batch);

  /// False when the type has no probe, or it threw.
  bool probe(ErrorsDouble& errors, std::int32_t& answer);
  /// False when the type has no preview, or it threw.
  bool preview(PreviewDouble& preview);

  Trial& trial() { return trial_; }
  const plugin::ActionType& type() const { return type_; }
  GuardedMemory& memory() { return *memory_; }
  /// What is wrong with what was said to the host, besides reports.
  const Faults& faults() const { return *faults_; }
  std::string last_error() const { return host_->last_error(); }
  /// "type \"x\": ", for messages of plugins with several.
  std::string prefix() const { return "type \"" + type_.type + "\": "; }

 private:
  Session(Trial& trial, const plugin::ActionType& type, Shape shape);
  bool try_settings(const TrialSettings& settings, std::string& refusal);
  bool bind(std::string& refusal);
  void settle(BatchDouble& batch, std::chrono::steady_clock::time_point patience) const;

  Trial& trial_;
  const plugin::ActionType& type_;
  // Shared with threads that may be stuck in the plugin for ever.
  std::shared_ptr<GuardedMemory> memory_;
  std::shared_ptr<Faults> faults_;
  std::shared_ptr<HostDouble> host_;
  observerd_module* module_ = nullptr;
  std::vector<observerd_action*> actions_;
  std::string action_text_, item_settings_, batch_key_;
  std::vector<std::shared_ptr<BatchDouble>> batches_;
  bool running_ = false;
  bool stuck_ = false;
};

}  // namespace observerd::check
