#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What is asked at the moment of a scrape, as plain values: telemetry knows nobody whom it
/// describes. What could not be told stays nullopt or empty, and is then absent from the scrape.
namespace observerd::telemetry {

/// The lanes of one action type, summed up. Single lanes are no label: destinations may be
/// templated, so that there can be any number of them (`observerd lanes list` shows each).
struct LaneGauges {
  std::string type;
  std::int64_t queued = 0;     ///< deliveries that wait in lanes
  std::int64_t in_flight = 0;  ///< deliveries that are with the plugin
  std::int64_t closed = 0;     ///< lanes whose breaker lets everything through
  std::int64_t half_open = 0;  ///< lanes that are tried with one delivery
  std::int64_t open = 0;       ///< lanes whose breaker holds everything back
};

struct SegmentGauge {
  std::string name;
  std::string state;  ///< current, empty, reclaimable, kept
  std::int64_t bytes = 0;
};

enum class PluginState : unsigned char { Loaded, Faulty };
struct PluginGauge {
  std::string type;
  PluginState state = PluginState::Loaded;
};

/// What only the database knows.
struct DatabaseGauges {
  std::int64_t lag_events = 0;  ///< committed and not settled
  double lag_seconds = 0;       ///< age of the oldest of them
  /// By the state's name: due, behind, held, orphaned.
  std::vector<std::pair<std::string, std::int64_t>> retries;
  /// By the status's name: pending, retrying, success, retry_failed, discarded.
  std::vector<std::pair<std::string, std::int64_t>> dead_letters;
  std::vector<SegmentGauge> segments;
  double oldest_row_seconds = 0;  ///< age of the oldest row in any segment; 0 when there is none
  std::int64_t bad_rows = 0;
};

struct Gauges {
  bool ready = false;
  std::int64_t events_in_flight = 0;  ///< read and not settled, of this host
  std::int64_t shards = 0;
  std::int64_t shards_owned = 0;  ///< by this host
  std::vector<LaneGauges> lanes;
  std::vector<PluginGauge> plugins;
  std::optional<DatabaseGauges> database;  ///< nullopt when it could not be asked
};

}  // namespace observerd::telemetry
