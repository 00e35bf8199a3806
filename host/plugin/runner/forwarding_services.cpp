#include "plugin/runner/forwarding_services.hpp"

#include <string>

#include "observerd/plugin.h"
#include "plugin/runner/messages.hpp"

namespace observerd::plugin {
namespace {

/// So much may wait for the host. Results of deliveries wait beyond it.
constexpr std::size_t max_waiting_bytes = std::size_t{4} << 20;

}  // namespace

bool ForwardingServices::log_enabled(std::string_view, int level) {
  return level >= 0 && level < 32 && (levels_ >> static_cast<unsigned>(level) & 1U) != 0;
}

bool ForwardingServices::has_room() {
  if (channel_.queued() > max_waiting_bytes) {
    ++dropped_;
    return false;
  }
  if (const std::uint64_t dropped = dropped_.exchange(0); dropped > 0) {
    const std::string count = std::to_string(dropped);
    const message::Said said{OBSERVERD_LOG_WARN,
                             "lines and samples of the plugin were dropped",
                             0,
                             {{"dropped", count}}};
    channel_.send(FrameKind::Log, 0, said.encode());
  }
  return true;
}

void ForwardingServices::log(std::string_view, int level, std::string_view message,
                             const Fields& fields) {
  if (!has_room()) return;
  channel_.send(FrameKind::Log, 0, message::Said{level, message, 0, fields}.encode());
}

void ForwardingServices::metric(std::string_view, int kind, std::string_view name, double value,
                                const Fields& labels) {
  if (!has_room()) return;
  channel_.send(FrameKind::Metric, 0, message::Said{kind, name, value, labels}.encode());
}

}  // namespace observerd::plugin
