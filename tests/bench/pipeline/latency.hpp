#pragma once

#include "pipeline/stage.hpp"
#include "report.hpp"

namespace observerd::bench {

/// From the return of COMMIT to the request's arrival at a receiver, idle, one change at a time;
/// beside it a program of its own that waits for NOTIFY and posts with libcurl, in turns.
void measure_latency(Stage& stage, Report& report);

/// MiB of memory that a process holds now.
double resident_mib(int pid);

}  // namespace observerd::bench
