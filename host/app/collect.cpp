#include "app/collect.hpp"

#include <algorithm>
#include <map>

namespace observerd::app {
namespace {

/// What the answer to a scrape may wait for the database.
constexpr Milliseconds kPatience{2000};

std::vector<telemetry::LaneGauges> sum_by_type(const std::vector<delivery::LaneState>& lanes) {
  std::map<std::string, telemetry::LaneGauges> sums;
  for (const delivery::LaneState& lane : lanes) {
    telemetry::LaneGauges& sum = sums[lane.type];
    sum.type = lane.type;
    sum.queued += static_cast<std::int64_t>(lane.queued);
    sum.in_flight += static_cast<std::int64_t>(lane.in_flight);
    switch (lane.breaker) {
      case delivery::BreakerState::Closed:
        ++sum.closed;
        break;
      case delivery::BreakerState::HalfOpen:
        ++sum.half_open;
        break;
      case delivery::BreakerState::Open:
        ++sum.open;
        break;
    }
  }
  std::vector<telemetry::LaneGauges> out;
  out.reserve(sums.size());
  for (auto& [type, sum] : sums) out.push_back(std::move(sum));
  return out;
}

std::vector<telemetry::PluginGauge> states_of(const plugin::Registry& registry) {
  std::vector<telemetry::PluginGauge> out;
  for (const auto& entry : registry.entries()) {
    const bool loaded = entry->state == plugin::State::Loaded;
    const auto state = loaded ? telemetry::PluginState::Loaded : telemetry::PluginState::Faulty;
    if (entry->types.empty()) out.push_back({entry->stem, state});
    for (const std::string& type : entry->types) out.push_back({type, state});
  }
  return out;
}

telemetry::DatabaseGauges to_gauges(const views::StatusReport& report) {
  telemetry::DatabaseGauges out;
  out.lag_events = report.waiting + report.unsettled;
  out.lag_seconds = report.oldest_seconds;
  const store::StoreCounts& counts = report.counts;
  out.retries = {{"due", counts.retries[0]},
                 {"behind", counts.retries[1]},
                 {"held", counts.retries[2]},
                 {"orphaned", counts.retries[3]}};
  out.dead_letters = {{"pending", counts.pending},
                      {"retrying", counts.retrying},
                      {"success", counts.success},
                      {"retry_failed", counts.retry_failed},
                      {"discarded", counts.discarded}};
  out.bad_rows = counts.bad_rows;
  for (const source::Segment& segment : report.segments) {
    out.segments.push_back({segment.name, views::segment_state(segment), segment.bytes});
    out.oldest_row_seconds = std::max(out.oldest_row_seconds, segment.oldest_seconds);
  }
  return out;
}

}  // namespace

void Collector::set_plugins(std::shared_ptr<const plugin::Registry> registry) {
  const std::lock_guard lock(mutex_);
  plugins_ = std::move(registry);
}

void Collector::set_patience(Milliseconds patience) {
  const std::lock_guard lock(mutex_);
  movement_.set_patience(patience);
}

void Collector::set_stopping() {
  const std::lock_guard lock(mutex_);
  stopping_ = true;
}

void Collector::collect(telemetry::Gauges& gauges) {
  gauges.ready = readiness().ok();
  gauges.events_in_flight = static_cast<std::int64_t>(parts_.dispatcher.under_way());
  for (const source::ShardState& shard : parts_.source.shards()) {
    ++gauges.shards;
    gauges.shards_owned += shard.owned ? 1 : 0;
  }
  gauges.lanes = sum_by_type(parts_.dispatcher.lanes());
  {
    const std::lock_guard lock(mutex_);
    if (plugins_) gauges.plugins = states_of(*plugins_);
  }
  if (const auto report = sampler_.latest(kPatience)) gauges.database = to_gauges(*report);
}

Status Collector::stall() {
  Movement::Sight sight{parts_.settler.settled(), parts_.dispatcher.under_way(),
                        parts_.source.shards()};
  const std::lock_guard lock(mutex_);
  if (stopping_) sight.shards.clear();  // nobody reads any more
  return movement_.look(sight, parts_.clock.steady_now());
}

Status Collector::readiness() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return Status::error(Code::Listener, "observerd is stopping");
  }
  if (Status stalled = stall(); !stalled.ok()) return stalled;
  for (const source::ShardState& shard : parts_.source.shards()) {
    if (shard.owned || shard.elsewhere) continue;
    return Status::error(Code::LeaseLost,
                         "shard " + std::to_string(shard.shard) + " is not read" +
                             (shard.error.empty() ? std::string() : ": " + shard.error));
  }
  return {};
}

}  // namespace observerd::app
