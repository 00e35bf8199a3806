#pragma once

#include <mutex>
#include <string>

#include "check/faults.hpp"
#include "check/guarded_memory.hpp"
#include "observerd/plugin.h"

namespace observerd::check {

/// The observerd_host that a tested module sees. Judges what is logged and measured, and keeps the
/// last error that was logged. Thread-safe.
class HostDouble {
 public:
  HostDouble(GuardedMemory& memory, Faults& faults);
  HostDouble(const HostDouble&) = delete;
  HostDouble& operator=(const HostDouble&) = delete;

  const observerd_host* raw() const { return raw_; }
  std::string last_error() const;

 private:
  static HostDouble& of(const observerd_host* self);
  static void log(const observerd_host* self, std::int32_t level, observerd_str message,
                  const observerd_field* fields, std::uint32_t field_count);
  static void metric(const observerd_host* self, std::int32_t kind, observerd_str name,
                     double value, const observerd_field* labels, std::uint32_t label_count);
  void check_fields(std::string_view what, const observerd_field* fields, std::uint32_t count);

  Faults& faults_;
  observerd_host* raw_;
  mutable std::mutex mutex_;
  std::string last_error_;
};

}  // namespace observerd::check
