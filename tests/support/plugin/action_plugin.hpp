#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/module.hpp"
#include "plugin/registry.hpp"

namespace observerd::testing {

/// Keeps what the plugin logs and counts.
class RecordingServices final : public plugin::HostServices {
 public:
  bool log_enabled(std::string_view, int) override { return true; }
  void log(std::string_view, int, std::string_view message, const Fields& fields) override;
  void metric(std::string_view, int, std::string_view name, double, const Fields&) override;
  std::string text() const;
  /// The sum of a metric, its labels in the name: "requests_total{answer=2xx}".
  double metric_sum(const std::string& name) const;
  std::size_t metric_count(const std::string& name) const;

 private:
  mutable std::mutex mutex_;
  std::string text_;
  std::map<std::string, std::vector<double>> metrics_;
};

/// Module settings of an HTTP-shaped type that let a test talk to 127.0.0.1; `more` is further
/// members, with a leading comma.
std::string local_settings(const std::string& more = "");

/// What a delivery of the tests carries unless they say otherwise.
struct Delivery {
  std::string event =
      R"({"event_id":"e1","kind":"insert","entity":"Order","id":"42","type":"Order.insert",)"
      R"("time":"2026-01-31T12:00:00.123456Z","user":null,"new":{"total":100.00},"old":null})";
  std::string settings = "{}";  ///< what the host has rendered
  std::string id = "0f8fad5b-d9cb-569f-a165-70867728950e";
  std::string trace_parent = {};
  int attempt = 1;
  std::uint64_t order = 0;
  std::int64_t created_ns = 0;
};

/// The plugins that the build has made, loaded once: a plugin is never unloaded.
const plugin::Registry& built_plugins();

/// A built action type in the host's own loader, and one module of it.
class ActionPlugin {
 public:
  /// Opens and starts a module; failures are test failures.
  ActionPlugin(const std::string& type, const std::string& module_settings);
  ~ActionPlugin();
  ActionPlugin(const ActionPlugin&) = delete;
  ActionPlugin& operator=(const ActionPlugin&) = delete;

  /// The problems of opening with these settings, as printed.
  static std::vector<std::string> open_problems(const std::string& type,
                                                const std::string& module_settings);
  /// The problems of binding, as printed.
  std::vector<std::string> bind_problems(const std::string& action);
  std::unique_ptr<plugin::BoundAction> bind(const std::string& action);

  /// Delivers one item and waits for its result.
  plugin::ItemResult deliver(const std::string& action, const Delivery& delivery = {},
                             Milliseconds deadline = std::chrono::seconds(20));
  /// Delivers several items of one action in batches, without waiting between them.
  std::vector<plugin::ItemResult> deliver_all(const std::string& action,
                                              const std::vector<Delivery>& deliveries);
  std::string preview(const std::string& action, const Delivery& delivery);

  plugin::Module& module() { return *module_; }
  RecordingServices& services() { return services_; }

 private:
  RecordingServices services_;
  std::unique_ptr<plugin::Module> module_;
};

/// What bind gets of an action as it stands in a configuration: the host's references ("url_env",
/// {"env"}) resolved with these variables, and all of it held to the schema of the built plugin.
/// Problems are test failures.
std::string resolved_settings(const std::string& type, const std::string& configured,
                              const std::map<std::string, std::string>& environment = {});

/// "delivered", "retry http_503": an outcome and its code for comparisons.
std::string summary(const plugin::ItemResult& result);

}  // namespace observerd::testing
