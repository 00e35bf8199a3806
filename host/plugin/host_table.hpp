#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>

#include "observerd/plugin.h"
#include "plugin/module.hpp"

namespace observerd::plugin {

/// What a plugin may do wrong in a way that the host survives. Each is OB017 in the log.
enum class Misbehaviour : unsigned char {
  ReportedTwice,
  IndexOutOfRange,
  MalformedResult,
  UnknownOutcome,
  Unreported,      ///< deliver returned, or stop did, and items were left without a result
  ThrewException,  ///< through the C boundary
};
inline constexpr std::size_t misbehaviour_kinds = 6;

/// The observerd_host that one module sees: forwards to HostServices under the action type's name,
/// with sizes clamped, unknown levels and kinds made safe, and nothing thrown. The ABI promises
/// that the struct lives as long as the process, so instances are kept for ever; detach ends what
/// they do. Thread-safe.
class HostTable {
 public:
  /// `services` must live until detach has returned.
  static HostTable& create(std::string type, HostServices& services);
  HostTable(const HostTable&) = delete;
  HostTable& operator=(const HostTable&) = delete;

  /// From here on every call of the plugin is ignored. Waits for running ones.
  void detach();
  const observerd_host* raw() const { return &raw_; }

  /// The host's own words about this module.
  void say(int level, std::string_view message, const HostServices::Fields& fields) noexcept;
  /// Counts it (metric misbehaved_total) and logs the 1st, 2nd, 4th, 8th … time: a plugin that
  /// always does it must not flood the log.
  void misbehaved(Misbehaviour what) noexcept;

 private:
  HostTable(std::string type, HostServices& services);

  template <typename Body>
  void with_services(const Body& body) noexcept;
  static HostTable& of(const observerd_host* self);
  static std::int32_t log_enabled(const observerd_host* self, std::int32_t level);
  static void log(const observerd_host* self, std::int32_t level, observerd_str message,
                  const observerd_field* fields, std::uint32_t field_count);
  static void metric(const observerd_host* self, std::int32_t kind, observerd_str name,
                     double value, const observerd_field* labels, std::uint32_t label_count);

  const std::string type_;
  std::shared_mutex mutex_;
  HostServices* services_;
  std::array<std::atomic<std::uint64_t>, misbehaviour_kinds> misbehaviours_{};
  observerd_host raw_{};
};

}  // namespace observerd::plugin
