#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace observerd::testing {

/// What a scrape said: values by series as it was written, `name{a="b"}`.
struct Scrape {
  std::map<std::string, double> series;
  std::map<std::string, std::string> types;  ///< of each family
  /// What the format (Prometheus text exposition format 0.0.4) or `promtool check metrics` would
  /// object to.
  std::vector<std::string> problems;

  /// The value; -1 when there is no such series.
  double value(const std::string& name) const;
  std::size_t count(std::string_view prefix) const;
};

/// A strict reader: every sample has a TYPE and a HELP before it, every family stands in one piece,
/// names and labels are well formed, no series comes twice, histograms are cumulative and end in
/// +Inf with their count, counters end in _total and nothing else does.
Scrape read_exposition(std::string_view text);

}  // namespace observerd::testing
