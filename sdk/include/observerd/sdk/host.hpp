#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <vector>

#include "observerd/sdk/result.hpp"

/// What the host offers a plugin, and where the plugin writes during a call. Part of plugin.hpp.
namespace observerd::sdk {

/// A name and a value of a log line or metric. Borrowed for the call.
struct Field {
  /// The name.
  std::string_view key;
  /// Its value.
  std::string_view value;
};
/// As in log("sent", {{"bytes", size}}).
using Fields = std::initializer_list<Field>;

/// What the host offers. A cheap value; usable from any thread until Module::stop has returned.
class Host {
 public:
  /// Of what the host gave to open.
  explicit Host(const observerd_host* raw) : raw_(raw) {}

  /// Whether a message of that level would be kept: worth asking before making a dear one.
  bool log_enabled(std::int32_t level) const { return raw_->log_enabled(raw_, level) != 0; }
  /// The only way to say something: never write to stdout, stderr or syslog. No secrets.
  void log(std::int32_t level, std::string_view message, Fields fields = {}) const {
    if (!log_enabled(level)) return;
    const auto raw = raw_fields(fields);
    raw_->log(raw_, level, to_str(message), raw.data(), static_cast<std::uint32_t>(raw.size()));
  }
  /// log at that level.
  void debug(std::string_view message, Fields fields = {}) const {
    log(OBSERVERD_LOG_DEBUG, message, fields);
  }
  /// log at that level.
  void info(std::string_view message, Fields fields = {}) const {
    log(OBSERVERD_LOG_INFO, message, fields);
  }
  /// log at that level.
  void warn(std::string_view message, Fields fields = {}) const {
    log(OBSERVERD_LOG_WARN, message, fields);
  }
  /// log at that level.
  void error(std::string_view message, Fields fields = {}) const {
    log(OBSERVERD_LOG_ERROR, message, fields);
  }

  /// name: [a-z][a-z0-9_]*. Histograms in seconds or bytes. Few label values, please.
  void count(std::string_view name, double by = 1, Fields labels = {}) const {
    metric(OBSERVERD_METRIC_COUNTER, name, by, labels);
  }
  /// Sets a gauge; name and labels as in count.
  void gauge(std::string_view name, double value, Fields labels = {}) const {
    metric(OBSERVERD_METRIC_GAUGE, name, value, labels);
  }
  /// Adds to a histogram, in seconds or bytes; name and labels as in count.
  void observe(std::string_view name, double value, Fields labels = {}) const {
    metric(OBSERVERD_METRIC_HISTOGRAM, name, value, labels);
  }

  /// The minor of the ABI that the host speaks.
  std::uint32_t abi_minor() const { return raw_->abi_minor; }
  /// A draft feature by "name/revision", or nullptr when this host has it not.
  const void* extension(const char* name) const { return raw_->extension(raw_, name); }

 private:
  static std::vector<observerd_field> raw_fields(Fields fields) {
    std::vector<observerd_field> raw;
    raw.reserve(fields.size());
    for (const Field& field : fields) raw.push_back({to_str(field.key), to_str(field.value)});
    return raw;
  }
  void metric(std::int32_t kind, std::string_view name, double value, Fields labels) const {
    const auto raw = raw_fields(labels);
    raw_->metric(raw_, kind, to_str(name), value, raw.data(),
                 static_cast<std::uint32_t>(raw.size()));
  }
  const observerd_host* raw_;
};

/// Where the constructor, bind and probe say what is wrong: any number of problems.
class Errors {
 public:
  /// Of what the host gave for this call.
  explicit Errors(const observerd_errors* raw) : raw_(raw) {}
  /// `json_pointer` names the setting ("/url"), "" the whole. The message must hold no secret.
  void add(std::string_view json_pointer, std::string_view message) {
    any_ = true;
    raw_->add(raw_, to_str(json_pointer), to_str(message));
  }
  /// Whether nothing has been added.
  bool ok() const { return !any_; }

 private:
  const observerd_errors* raw_;
  bool any_ = false;
};

/// Where bind says how its action is queued.
class Binding {
 public:
  /// Of what the host gave for this call.
  explicit Binding(const observerd_binding* raw) : raw_(raw) {}
  /// The destination, "https://api.example.com:443". Not called: one lane per action.
  void lane_key(std::string_view key) { raw_->lane_key(raw_, to_str(key)); }
  /// Actions with the same batch key may share one deliver. Not called: none are shared.
  void batch_key(std::string_view key) { raw_->batch_key(raw_, to_str(key)); }

 private:
  const observerd_binding* raw_;
};

/// Where preview writes.
class Preview {
 public:
  /// Of what the host gave for this call.
  explicit Preview(const observerd_preview* raw) : raw_(raw) {}
  /// Adds text; may be called several times.
  void write(std::string_view text) { raw_->write(raw_, to_str(text)); }

 private:
  const observerd_preview* raw_;
};

}  // namespace observerd::sdk
