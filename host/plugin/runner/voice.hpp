#pragma once

#include <string>

#include "plugin/host_table.hpp"
#include "plugin/runner/frame.hpp"
#include "plugin/runner/rate_gate.hpp"

namespace observerd::plugin {

/// What a runner says, on its way into the host's log and metrics: made safe by the host table as
/// though it came from a plugin in this process, and bounded in number, so that nothing there can
/// flood them. What is dropped is counted in the log. For one thread.
class Voice {
 public:
  explicit Voice(HostTable& host);

  /// A Log or Metric frame. False when it is malformed, or when there are so many that the runner
  /// cannot mean well.
  bool take(const Frame& frame, SteadyTime now);
  /// Logs, line by line, what can be read from `output` without waiting. False at its end.
  bool take_output(int output, SteadyTime now);
  /// Whether `output` should be read now: what writes too much has to wait.
  bool wants_output(SteadyTime now);

 private:
  bool admit_line(SteadyTime now);
  void take_line(std::string line, SteadyTime now);

  HostTable& host_;
  RateGate lines_, samples_, frames_;
  std::string line_;  ///< begun, not ended yet
  std::size_t output_bytes_ = 0;
  SteadyTime output_since_{};
};

}  // namespace observerd::plugin
