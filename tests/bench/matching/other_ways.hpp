#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "matching/workload.hpp"

/// What ours is measured against.
namespace observerd::bench {

/// Observers by entity and kind, and every condition of those evaluated on the event's values.
class EvaluateAll {
 public:
  explicit EvaluateAll(const std::vector<matcher::Rule>& rules);
  void match(const Event& event, std::vector<std::size_t>& fired) const;

 private:
  std::map<std::pair<std::string, EventKind>, std::vector<const matcher::Rule*>> by_kind_;
};

/// Checks a row and visits every value of it; false when it is not valid.
using RowReader = bool (*)(const std::string& text);

/// Readers of other libraries by name: RapidJSON's SAX reader always, simdjson's on-demand reader
/// when it was there at build time.
std::vector<std::pair<std::string, RowReader>> other_readers();

}  // namespace observerd::bench
