#pragma once

#include <atomic>
#include <cstdint>

#include "plugin/module.hpp"
#include "plugin/runner/channel.hpp"

namespace observerd::plugin {

/// The host's services as a plugin in a runner finds them: each line and sample goes to the host.
/// While the host does not take them they are dropped and counted, so that they neither fill this
/// process's memory nor hold up a delivery. Thread-safe.
class ForwardingServices final : public HostServices {
 public:
  explicit ForwardingServices(Channel& channel) : channel_(channel) {}

  /// A bit for each level that the host keeps.
  void set_levels(std::uint32_t levels) { levels_ = levels; }
  bool log_enabled(std::string_view type, int level) override;
  void log(std::string_view type, int level, std::string_view message,
           const Fields& fields) override;
  void metric(std::string_view type, int kind, std::string_view name, double value,
              const Fields& labels) override;

 private:
  bool has_room();

  Channel& channel_;
  std::atomic<std::uint32_t> levels_{UINT32_MAX};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace observerd::plugin
