#pragma once

#include <vector>

#include "telemetry/gauges.hpp"

namespace prometheus {
struct MetricFamily;
}

/// Inside telemetry only: what is made anew for each scrape, so that a lane or a plugin that is
/// gone leaves no series behind.
namespace observerd::telemetry {

using Families = std::vector<prometheus::MetricFamily>;

void append_gauges(const Gauges& gauges, Families& out);
/// The process_* metrics that Prometheus' own client libraries export, from /proc.
void append_process(Families& out);

}  // namespace observerd::telemetry
