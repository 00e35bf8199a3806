#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/status.hpp"

/// What delivery sees of plugins: no ABI struct beyond this point.
namespace observerd::plugin {

struct ActionType;

/// What the host does for plugins. Thread-safe.
class HostServices {
 public:
  using Fields = std::vector<std::pair<std::string_view, std::string_view>>;
  virtual ~HostServices() = default;
  virtual bool log_enabled(std::string_view type, int level) = 0;
  virtual void log(std::string_view type, int level, std::string_view message,
                   const Fields& fields) = 0;
  virtual void metric(std::string_view type, int kind, std::string_view name, double value,
                      const Fields& labels) = 0;
};

enum class Outcome : unsigned char {
  Delivered,
  Retry,
  Throttled,
  Rejected,
  Unavailable,
  Misconfigured,
  Cancelled,
  Gone,
  Unknown,  ///< never reported
};
std::string_view outcome_name(Outcome outcome);

struct ItemResult {
  Outcome outcome = Outcome::Unknown;
  Milliseconds retry_after{0};
  std::string code, message, remote_id;
  /// It has ended its plugin's process again and again: a dead letter (OB017). No plugin can say
  /// so.
  bool poison = false;
};

/// One configured action, bound to its module.
class BoundAction {
 public:
  virtual ~BoundAction() = default;
  virtual const std::string& lane_key() const = 0;   ///< never empty
  virtual const std::string& batch_key() const = 0;  ///< never empty
  /// False when the plugin named no lane: lane_key is then unique within the module, but differs
  /// from run to run. Whoever keeps lanes over a restart names such a lane after the action.
  virtual bool names_lane() const { return true; }
};

/// One delivery as it goes to the plugin; owns its texts.
struct Item {
  const BoundAction* action = nullptr;
  int attempt = 1;
  std::string delivery_id;
  std::uint64_t order = 0;
  std::shared_ptr<const std::string> event_json;
  std::shared_ptr<const std::string> settings_json;
  std::string trace_parent;
  std::int64_t created_ns = 0;
};

/// Where the results of one batch go: exactly one call per index, from any thread.
using ReportFn = std::function<void(std::uint32_t index, ItemResult result)>;

/// One batch under way. Given up at its deadline + grace: what is unreported becomes Unknown and
/// later reports are ignored; the plugin may go on reading the batch. Thread-safe.
class Call {
 public:
  virtual ~Call() = default;
  /// Asks the plugin to hurry; sets cancelled() and makes cancel_fd readable.
  virtual void cancel() = 0;
  /// Cancels, and reports Unknown for everything not reported yet. A synchronous deliver may stay
  /// stuck inside the plugin; see Module::abandoned.
  virtual void give_up(const std::string& why) = 0;
  virtual bool finished() const = 0;
};

/// Told about a batch right before the plugin gets it: how a watchdog can give up a synchronous
/// deliver that does not return.
using StartedFn = std::function<void(const std::shared_ptr<Call>& call)>;

/// One opened module. Its type's registry and its HostServices must outlive it, its actions and its
/// calls. deliver may be called from several threads when the type is thread-safe; the
/// caller keeps to max_concurrency and max_batch.
class Module {
 public:
  virtual ~Module() = default;
  virtual const ActionType& type() const = 0;
  /// Problems are OB005, their place holding the JSON pointer; nullptr when any.
  virtual std::unique_ptr<BoundAction> bind(const std::string& action_json,
                                            Diagnostics& diagnostics) = 0;
  virtual Status start() = 0;
  /// Synchronous types return when everything is reported (or Unknown); asynchronous ones at once.
  /// The items' actions may go as soon as their item is reported.
  virtual std::shared_ptr<Call> deliver(std::vector<Item> items, SteadyTime deadline,
                                        ReportFn report, StartedFn started = {}) = 0;
  /// Batches that were given up and that the plugin still holds (synchronous: deliver has not
  /// returned). They count towards max_concurrency: a module with nothing but such batches is
  /// stuck and gets no more work.
  virtual std::size_t abandoned() const { return 0; }
  /// Interrupts what runs. What an asynchronous plugin has not reported by then is given up.
  virtual void stop() = 0;
  /// Errors are OB005/OB006; ok also when the type has no probe (`supported` false then).
  virtual Status probe(const BoundAction& action, bool& supported) = 0;
  /// What would be sent, as text; "" when the type has no preview.
  virtual std::string preview(const Item& item) = 0;
};

/// Opens a module, in this process or in a runner. Problems are OB005, or OB017 when the runner
/// cannot do its work; nullptr when any.
std::unique_ptr<Module> open_module(const ActionType& type, const std::string& settings_json,
                                    HostServices& services, Diagnostics& diagnostics);

}  // namespace observerd::plugin
