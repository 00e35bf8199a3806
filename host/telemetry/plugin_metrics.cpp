#include "telemetry/plugin_metrics.hpp"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/strings.hpp"

namespace observerd::telemetry {
namespace {

/// The bounds of plugins' histograms: seconds from a millisecond on, bytes up to 16 MiB.
constexpr std::array<double, 16> kBounds = {0.001, 0.005,  0.025,   0.1,     0.5,  2.5,
                                            10,    60,     256,     1024,    4096, 16384,
                                            65536, 262144, 1048576, 16777216};

bool lower(char c) {
  return c >= 'a' && c <= 'z';
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}

/// [a-z][a-z0-9_]*, the rule of plugin.h.
bool valid_name(std::string_view name) {
  return !name.empty() && name.size() <= PluginMetrics::kMaxNameBytes && lower(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return lower(c) || digit(c) || c == '_'; });
}

bool ends_with_any(std::string_view name, std::initializer_list<std::string_view> suffixes) {
  return std::any_of(suffixes.begin(), suffixes.end(),
                     [name](std::string_view suffix) { return name.ends_with(suffix); });
}

/// Counters end in _total whatever the plugin calls them; nothing else may look like a counter, or
/// like a part of a histogram.
std::string exported_name(std::string_view name, bool counter) {
  std::string out(name);
  if (counter && !name.ends_with("_total")) out += "_total";
  return out;
}

std::string prefix_of(std::string_view type) {
  std::string out = "observerd_plugin_";
  for (const char c : type) out += lower(c) || digit(c) ? c : '_';
  return out + '_';
}

}  // namespace

bool PluginMetrics::record(Type& type, Kind kind, std::string_view name, double value,
                           const Labels& labels) {
  if (!valid_name(name) || labels.size() > kMaxLabels || std::isnan(value)) return false;
  if (kind != Kind::Gauge && (value < 0 || std::isinf(value))) return false;
  if (kind != Kind::Counter && ends_with_any(name, {"_total"})) return false;
  if (ends_with_any(name, {"_bucket", "_count", "_sum"})) return false;
  LabelKey key;
  for (const auto& [label, text] : labels) {
    if (!valid_name(label) || label == "le" || label == "quantile") return false;
    if (text.size() > kMaxLabelBytes || !is_valid_utf8(text)) return false;
    key.emplace_back(label, text);
  }
  std::sort(key.begin(), key.end());
  std::vector<std::string> names;
  for (const auto& [label, text] : key) names.push_back(label);
  if (std::adjacent_find(names.begin(), names.end()) != names.end()) return false;

  const std::string exported = exported_name(name, kind == Kind::Counter);
  auto found = type.metrics.find(exported);
  if (found == type.metrics.end()) {
    if (type.metrics.size() >= kMaxNames) return false;
    found = type.metrics.emplace(exported, Metric{kind, names, {}}).first;
  }
  Metric& metric = found->second;
  if (metric.kind != kind || metric.label_names != names) return false;
  auto series = metric.series.find(key);
  if (series == metric.series.end()) {
    if (metric.series.size() >= kMaxSeries) return false;
    series = metric.series.emplace(std::move(key), Series{}).first;
  }
  Series& one = series->second;
  if (kind == Kind::Gauge) {
    one.value = value;
    return true;
  }
  one.value += value;
  if (kind == Kind::Histogram) {
    one.buckets.resize(kBounds.size() + 1);
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), value);
    ++one.buckets[static_cast<std::size_t>(bound - kBounds.begin())];
  }
  return true;
}

void PluginMetrics::add(std::string_view type, int kind, std::string_view name, double value,
                        const Labels& labels) {
  if (kind < 0 || kind > static_cast<int>(Kind::Histogram)) return;
  const std::lock_guard lock(mutex_);
  auto found = types_.find(type);
  if (found == types_.end()) {
    if (types_.size() >= kMaxTypes) return;
    found = types_.emplace(std::string(type), Type{}).first;
  }
  if (!record(found->second, static_cast<Kind>(kind), name, value, labels)) {
    ++found->second.rejected;
  }
}

void PluginMetrics::append_to(Families& out) const {
  const std::lock_guard lock(mutex_);
  prometheus::MetricFamily rejected;
  rejected.name = "observerd_plugin_metrics_rejected_total";
  rejected.help = "Metrics of plugins that were malformed or beyond the bounds.";
  rejected.type = prometheus::MetricType::Counter;
  for (const auto& [type, all] : types_) {
    prometheus::ClientMetric& count = rejected.metric.emplace_back();
    count.label.push_back({"type", type});
    count.counter.value = static_cast<double>(all.rejected);
    for (const auto& [name, metric] : all.metrics) {
      prometheus::MetricFamily& family = out.emplace_back();
      family.name = prefix_of(type) + name;
      family.help = "Reported by the plugin of this action type.";
      family.type = metric.kind == Kind::Counter ? prometheus::MetricType::Counter
                    : metric.kind == Kind::Gauge ? prometheus::MetricType::Gauge
                                                 : prometheus::MetricType::Histogram;
      for (const auto& [labels, series] : metric.series) {
        prometheus::ClientMetric& one = family.metric.emplace_back();
        for (const auto& [label, text] : labels) one.label.push_back({label, text});
        one.counter.value = one.gauge.value = series.value;
        if (metric.kind != Kind::Histogram) continue;
        one.histogram.sample_sum = series.value;
        for (std::size_t i = 0; i < series.buckets.size(); ++i) {
          one.histogram.sample_count += series.buckets[i];
          const double bound = i < kBounds.size() ? kBounds[i] : HUGE_VAL;
          one.histogram.bucket.push_back({one.histogram.sample_count, bound});
        }
      }
    }
  }
  if (!rejected.metric.empty()) out.push_back(std::move(rejected));
}

}  // namespace observerd::telemetry
