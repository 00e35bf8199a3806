#include "telemetry/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>
#include <mutex>
#include <shared_mutex>

#include "telemetry/families.hpp"
#include "telemetry/plugin_metrics.hpp"

namespace observerd::telemetry {
namespace {

using prometheus::Counter;
using prometheus::Histogram;
using CounterFamily = prometheus::Family<Counter>;
using HistogramFamily = prometheus::Family<Histogram>;

constexpr std::size_t kMaxObservers = 500;
constexpr std::size_t kMaxTypes = 100;
constexpr const char* kOther = "(other)";

/// Seconds. Attempts last from a cache's answer to the longest timeout that makes sense.
const Histogram::BucketBoundaries kAttemptBounds = {
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60};
/// An idle daemon settles within a millisecond or two; a backlog takes hours.
const Histogram::BucketBoundaries kSettleBounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                                   0.05,   0.1,   0.25,   0.5,   1,    2.5,
                                                   5,      10,    30,     60,    300,  3600};

double seconds(Metrics::Duration time) {
  return std::chrono::duration<double>(time).count();
}

/// Telemetry never throws at those who do the work; without memory a count is lost.
template <typename Body>
void safely(const Body& body) noexcept {
  try {
    body();
  } catch (...) {
  }
}

/// Something per name, made at its first use, for a bounded number of names. The lookup of a known
/// name takes a shared lock and allocates nothing.
template <typename T>
class ByName {
 public:
  ByName(std::size_t most, std::function<T(const std::string&)> make)
      : most_(most), make_(std::move(make)) {}

  T& operator[](std::string_view name) {
    {
      const std::shared_lock lock(mutex_);
      if (const auto found = all_.find(name); found != all_.end()) return found->second;
      if (all_.size() > most_) return all_.find(kOther)->second;
    }
    const std::unique_lock lock(mutex_);
    if (const auto found = all_.find(name); found != all_.end()) return found->second;
    const std::string key(all_.size() < most_ ? name : std::string_view(kOther));
    if (const auto found = all_.find(key); found != all_.end()) return found->second;
    return all_.emplace(key, make_(key)).first->second;
  }

 private:
  const std::size_t most_;
  const std::function<T(const std::string&)> make_;
  std::shared_mutex mutex_;
  std::map<std::string, T, std::less<>> all_;  // nodes: references stay good
};

/// What is counted for one action type.
struct ActionType {
  std::vector<Counter*> by_outcome;
  Histogram* duration;
  Counter* retries;
};

}  // namespace

class Metrics::Impl {
 public:
  explicit Impl(const MetricsOptions& options)
      : read(counter("observerd_events_read_total", "Events read from the outbox.")),
        matched(counter("observerd_events_matched_total", "Events that some observer matched.")),
        settled(counter("observerd_events_settled_total", "Events that are done with.")),
        dropped(counter("observerd_events_dropped_total",
                        "Events given up because the queues were full.")),
        commit_to_settled(histogram_family("observerd_commit_to_settled_seconds",
                                           "From the commit of an event to that of its settlement.")
                              .Add({}, kSettleBounds)),
        condition_errors(kMaxObservers,
                         by_observer("observerd_condition_errors_total",
                                     "Conditions that could not be evaluated, of those"
                                     " that the index left to evaluate: at least so"
                                     " many.")),
        dead_letters(kMaxObservers, by_observer("observerd_dead_letters_filed_total",
                                                "Deliveries that became dead letters.")),
        types(kMaxTypes, by_type(options.outcomes)) {
    prometheus::BuildGauge()
        .Name("observerd_build_info")
        .Help("1, with the version as a label.")
        .Register(registry)
        .Add({{"version", options.version},
              {"abi", std::to_string(options.abi_major) + '.' + std::to_string(options.abi_minor)}})
        .Set(1);
  }

  void collect(Gauges& gauges) {
    const std::lock_guard lock(collector_mutex);
    if (collector) safely([&] { collector(gauges); });
  }

  prometheus::Registry registry;
  Counter& read;
  Counter& matched;
  Counter& settled;
  Counter& dropped;
  Histogram& commit_to_settled;
  ByName<Counter*> condition_errors;
  ByName<Counter*> dead_letters;
  ByName<ActionType> types;
  PluginMetrics plugins;

  std::mutex collector_mutex;
  Collector collector;

 private:
  CounterFamily& counter_family(const char* name, const char* help) {
    return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
  }
  HistogramFamily& histogram_family(const char* name, const char* help) {
    return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
  }
  Counter& counter(const char* name, const char* help) {
    return counter_family(name, help).Add({});
  }
  std::function<Counter*(const std::string&)> by_observer(const char* name, const char* help) {
    CounterFamily& family = counter_family(name, help);
    return [&family](const std::string& observer) { return &family.Add({{"observer", observer}}); };
  }
  std::function<ActionType(const std::string&)> by_type(std::vector<std::string> outcomes) {
    CounterFamily& attempts =
        counter_family("observerd_deliveries_total", "Attempts by action type and outcome.");
    HistogramFamily& durations =
        histogram_family("observerd_attempt_duration_seconds", "How long a plugin had an attempt.");
    CounterFamily& retries = counter_family("observerd_retries_scheduled_total",
                                            "Attempts that failed and will be made again.");
    return
        [&attempts, &durations, &retries, outcomes = std::move(outcomes)](const std::string& type) {
          ActionType made{};
          for (const std::string& outcome : outcomes) {
            made.by_outcome.push_back(&attempts.Add({{"type", type}, {"outcome", outcome}}));
          }
          made.duration = &durations.Add({{"type", type}}, kAttemptBounds);
          made.retries = &retries.Add({{"type", type}});
          return made;
        };
  }
};

Metrics::Metrics(const MetricsOptions& options) : impl_(std::make_unique<Impl>(options)) {}
Metrics::~Metrics() = default;

void Metrics::events_read(std::uint64_t count) {
  impl_->read.Increment(static_cast<double>(count));
}
void Metrics::events_matched(std::uint64_t count) {
  impl_->matched.Increment(static_cast<double>(count));
}
void Metrics::events_settled(std::uint64_t count) {
  impl_->settled.Increment(static_cast<double>(count));
}
void Metrics::events_dropped(std::uint64_t count) {
  impl_->dropped.Increment(static_cast<double>(count));
}
void Metrics::commit_to_settled(Duration took) {
  impl_->commit_to_settled.Observe(seconds(took));
}

void Metrics::condition_error(std::string_view observer) {
  safely([&] { impl_->condition_errors[observer]->Increment(); });
}
void Metrics::dead_letter(std::string_view observer) {
  safely([&] { impl_->dead_letters[observer]->Increment(); });
}
void Metrics::attempt(std::string_view type, std::size_t outcome, Duration took) {
  safely([&] {
    const ActionType& counted = impl_->types[type];
    if (outcome >= counted.by_outcome.size()) return;
    counted.by_outcome[outcome]->Increment();
    counted.duration->Observe(seconds(took));
  });
}
void Metrics::retry_scheduled(std::string_view type) {
  safely([&] { impl_->types[type].retries->Increment(); });
}

void Metrics::plugin_metric(std::string_view type, int kind, std::string_view name, double value,
                            const Labels& labels) {
  safely([&] { impl_->plugins.add(type, kind, name, value, labels); });
}

void Metrics::set_collector(Collector collector) {
  const std::lock_guard lock(impl_->collector_mutex);
  impl_->collector = std::move(collector);
}

std::string Metrics::render() {
  std::string text;
  safely([&] {
    Gauges gauges;
    impl_->collect(gauges);
    Families families = impl_->registry.Collect();
    append_gauges(gauges, families);
    impl_->plugins.append_to(families);
    append_process(families);
    text = prometheus::TextSerializer().Serialize(families);
  });
  return text;
}

}  // namespace observerd::telemetry
