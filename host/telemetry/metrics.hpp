#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/gauges.hpp"

namespace observerd::telemetry {

struct MetricsOptions {
  std::string version;  ///< of observerd, for observerd_build_info
  int abi_major = 0, abi_minor = 0;
  /// Names of the outcomes of an attempt; attempt() takes an index of it.
  std::vector<std::string> outcomes;
};

/// The daemon's metrics: counted here as things happen, asked for the rest at each scrape.
/// Thread-safe, all of it. No call throws, and none but render() does more than to look up a
/// name that is already known: what is counted per event or delivery allocates nothing.
///
/// Names are observerd_*, in base units. Every label is bounded: an observer or a plugin beyond the
/// bound is counted under "(other)".
class Metrics {
 public:
  using Duration = std::chrono::nanoseconds;
  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  explicit Metrics(const MetricsOptions& options);
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void events_read(std::uint64_t count);
  void events_matched(std::uint64_t count);
  void events_settled(std::uint64_t count);
  /// Given up because the queues were full (runtime.overflow).
  void events_dropped(std::uint64_t count);
  /// From the commit of an event's transaction to that of its settlement.
  void commit_to_settled(Duration took);
  void condition_error(std::string_view observer);

  /// One attempt of an action of this type; `outcome` is an index of MetricsOptions::outcomes, any
  /// other is ignored. `took` is the time that the plugin had it.
  void attempt(std::string_view type, std::size_t outcome, Duration took);
  /// An attempt that failed and will be made again.
  void retry_scheduled(std::string_view type);
  void dead_letter(std::string_view observer);

  /// A metric of a plugin's own, as observerd_host.metric takes it (plugin.h): `kind` is
  /// OBSERVERD_METRIC_COUNTER (0, added), GAUGE (1, set) or HISTOGRAM (2, observed), any other is
  /// ignored. Exported as observerd_plugin_<type>_<name>. What is malformed, contradicts an earlier
  /// call or goes beyond the bounds (64 names a type, 100 series a name) is dropped and counted in
  /// observerd_plugin_metrics_rejected_total.
  void plugin_metric(std::string_view type, int kind, std::string_view name, double value,
                     const Labels& labels);

  /// Fills in what is asked at each render(), one call at a time. An exception costs the values,
  /// not the scrape. Call it with nullptr before what it captures goes away: it waits for a
  /// collection under way.
  using Collector = std::function<void(Gauges&)>;
  void set_collector(Collector collector);

  /// The text exposition format 0.0.4, UTF-8. "" when memory is out.
  std::string render();
  static constexpr const char* kContentType = "text/plain; version=0.0.4; charset=utf-8";

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace observerd::telemetry
