#include "check/host_double.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "check/finding.hpp"

namespace observerd::check {
namespace {

constexpr std::uint32_t newer_minor = 1000;
constexpr std::uint32_t most_fields = 1000;

std::int32_t log_enabled(const observerd_host*, std::int32_t) {
  return 1;  // all levels: what is written at "trace" must be sound too
}

std::int64_t now_ns(const observerd_host*) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// No host has all draft features: a plugin must do without.
const void* extension(const observerd_host*, const char*) {
  return nullptr;
}

bool is_metric_name(std::string_view name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

}  // namespace

HostDouble::HostDouble(GuardedMemory& memory, Faults& faults)
    : faults_(faults), raw_(&memory.make<observerd_host>()) {
  raw_->abi_minor = memory.shape().newer ? newer_minor : OBSERVERD_ABI_NEWEST_MINOR;
  raw_->context = this;
  raw_->log_enabled = &log_enabled;
  raw_->log = &HostDouble::log;
  raw_->metric = &HostDouble::metric;
  raw_->now_ns = &now_ns;
  raw_->extension = &extension;
}

std::string HostDouble::last_error() const {
  const std::lock_guard lock(mutex_);
  return last_error_;
}

HostDouble& HostDouble::of(const observerd_host* self) {
  return *static_cast<HostDouble*>(self->context);
}

void HostDouble::check_fields(std::string_view what, const observerd_field* fields,
                              std::uint32_t count) {
  if (count == 0) return;
  const std::string subject(what);
  if (fields == nullptr || count > most_fields) {
    faults_.add(subject + " has " + std::to_string(count) + " fields that are not there");
    return;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    check_text(subject + "'s field name", fields[i].key, faults_);
    check_text(subject + "'s field value", fields[i].value, faults_);
  }
}

void HostDouble::log(const observerd_host* self, std::int32_t level, observerd_str message,
                     const observerd_field* fields, std::uint32_t field_count) {
  HostDouble& host = of(self);
  const bool readable = check_text("a log message", message, host.faults_);
  host.check_fields("a log message", fields, field_count);
  if (level < OBSERVERD_LOG_TRACE || level > OBSERVERD_LOG_ERROR) {
    host.faults_.add("a log message has the unknown level " + std::to_string(level));
  }
  if (!readable || level < OBSERVERD_LOG_WARN) return;
  const std::lock_guard lock(host.mutex_);
  host.last_error_ = printable({message.data, static_cast<std::size_t>(message.len)}, 200);
}

void HostDouble::metric(const observerd_host* self, std::int32_t kind, observerd_str name,
                        double value, const observerd_field* labels, std::uint32_t label_count) {
  HostDouble& host = of(self);
  host.check_fields("a metric", labels, label_count);
  if (!check_text("a metric's name", name, host.faults_)) return;
  const std::string_view text(name.data == nullptr ? "" : name.data,
                              static_cast<std::size_t>(name.len));
  if (!is_metric_name(text)) {
    host.faults_.add("the metric name \"" + printable(text, 64) + "\" is not [a-z][a-z0-9_]*");
  }
  if (kind < OBSERVERD_METRIC_COUNTER || kind > OBSERVERD_METRIC_HISTOGRAM) {
    host.faults_.add("a metric has the unknown kind " + std::to_string(kind));
  }
  if (!std::isfinite(value)) host.faults_.add("a metric is not a finite number");
  if (kind == OBSERVERD_METRIC_COUNTER && value < 0) host.faults_.add("a counter goes down");
}

}  // namespace observerd::check
