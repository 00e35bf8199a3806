#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/families.hpp"

namespace observerd::telemetry {

/// The metrics that plugins have of their own, inside bounds that keep one plugin from filling the
/// scrape: what is malformed or too much is dropped and counted. Thread-safe.
class PluginMetrics {
 public:
  static constexpr std::size_t kMaxTypes = 100;
  static constexpr std::size_t kMaxNames = 64;    ///< of one type
  static constexpr std::size_t kMaxSeries = 100;  ///< of one name
  static constexpr std::size_t kMaxLabels = 4;
  static constexpr std::size_t kMaxNameBytes = 64;
  static constexpr std::size_t kMaxLabelBytes = 128;

  using Labels = std::vector<std::pair<std::string_view, std::string_view>>;

  void add(std::string_view type, int kind, std::string_view name, double value,
           const Labels& labels);
  void append_to(Families& out) const;

 private:
  enum class Kind : unsigned char { Counter, Gauge, Histogram };
  using LabelKey = std::vector<std::pair<std::string, std::string>>;
  struct Series {
    double value = 0;  ///< a histogram's sum
    std::vector<std::uint64_t> buckets;
  };
  struct Metric {
    Kind kind = Kind::Gauge;
    std::vector<std::string> label_names;  ///< the same for all series, sorted
    std::map<LabelKey, Series> series;
  };
  struct Type {
    std::map<std::string, Metric, std::less<>> metrics;
    std::uint64_t rejected = 0;
  };

  static bool record(Type& type, Kind kind, std::string_view name, double value,
                     const Labels& labels);

  mutable std::mutex mutex_;
  std::map<std::string, Type, std::less<>> types_;
};

}  // namespace observerd::telemetry
