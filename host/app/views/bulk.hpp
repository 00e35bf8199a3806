#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "app/output.hpp"
#include "base/json.hpp"
#include "store/change.hpp"

namespace observerd::app::views {

/// Rows that one transaction changes, at most: what a change by filter holds locked at a time.
inline constexpr int kBatch = 500;

/// Told of changes that take many batches: how many are through, of how many (0: not known).
using Progress = std::function<void(std::int64_t done, std::int64_t total)>;

/// What became of a change by filter.
struct Bulk {
  bool dry_run = false;
  std::int64_t selected = 0;           ///< how many the filter selects
  std::vector<Uuid> done;              ///< which were changed; none in a dry run
  std::vector<store::Change> refused;  ///< somebody else was quicker

  void add(const std::vector<store::Change>& changes);
};

/// {"id", "done", "why_not"}
json::Value to_json(const store::Change& change);
json::Value to_json(const std::vector<store::Change>& changes);
/// {"dry_run", "selected", "done", "refused": [changes]}
json::Value to_json(const Bulk& bulk);

json::Value id_or_null(const std::optional<Uuid>& id);

}  // namespace observerd::app::views
