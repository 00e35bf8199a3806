#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "base/status.hpp"
#include "event/event.hpp"

/// The configuration as plain, checked values: what every class outside config/ is given.
namespace observerd::config {

enum class Backoff : unsigned char { Exponential, Linear, Fixed };
enum class OnFailure : unsigned char { Dlq, Alert, Log };
enum class Ordering : unsigned char { Entity, None };
enum class Sequence : unsigned char { Plain, Strict };
enum class EventLog : unsigned char { All, Matched, Failed, None };
/// What happens to new events when the host's queues are full.
enum class Overflow : unsigned char {
  Block,      ///< reading stops: they wait in the outbox
  Drop,       ///< the new event is given up
  DropOldest  ///< the event that has waited longest is given up
};
enum class Isolation : unsigned char { InProcess, Process };

struct RetrySettings {
  int max_attempts = 30;  ///< counts all tries
  Backoff backoff = Backoff::Exponential;
  Milliseconds initial_delay{1000};
  Milliseconds max_delay{3'600'000};
  double multiplier = 2;
  double jitter = 0.2;  ///< fraction, 0 to 1
};

/// At most `count` in each `per`, spread evenly.
struct RateSettings {
  int count = 1;
  Milliseconds per{1000};
};

/// A destination that fails `failures` times in a row within `window` is left alone for `open`,
/// then tried with one delivery.
struct BreakerSettings {
  int failures = 10;
  Milliseconds window{60'000};
  Milliseconds open{30'000};
};

/// What an action does when its own settings or `defaults` say nothing is the default here.
struct DeliverySettings {
  RetrySettings retry;
  Milliseconds timeout{30'000};
  OnFailure on_failure = OnFailure::Dlq;
  int concurrency = 16;  ///< of one destination; lowered while it is overloaded
  std::optional<RateSettings> rate;
  std::optional<BreakerSettings> breaker = BreakerSettings{};  ///< "breaker": false is none
  Milliseconds retry_after_cap{3'600'000};
  std::optional<Milliseconds> max_age;
  Milliseconds unavailable_limit{24 * 3'600'000};
  bool missing_is_empty = false;  ///< "missing": "empty"
};

struct ActionSettings {
  std::string name;  ///< unique in its observer; by default the type
  std::string type;
  std::string module;  ///< named module, or "" for the type's own
  DeliverySettings delivery;
  /// The settings of the type, as written: host keys removed, references unresolved.
  json::Value settings;
  Place place;
};

struct ObserverSettings {
  std::string name;
  std::string entity;             ///< "*" for all
  std::vector<EventKind> events;  ///< empty for all
  std::string when;               ///< "" for always
  json::Origin when_origin;       ///< where the condition's text was written
  Ordering ordering = Ordering::Entity;
  Sequence sequence = Sequence::Plain;
  bool enabled = true;
  std::vector<ActionSettings> actions;
  Place place;
};

struct EntitySettings {
  std::string name;
  std::string table;
  std::vector<std::string> key;
  Place place;
};

/// A module of a plugin: the plugin-wide settings of a type, or a named second set.
struct ModuleSettings {
  std::string name;  ///< "" for the type's own
  std::string type;
  json::Value settings;
  Place place;
};

struct DatabaseSettings {
  std::string url;  ///< may hold a password: never print, see masked_url
  std::string schema = "observer";
  int shards = 4;
  Place place;
};

/// Where a policy names a plugin.
struct PolicyName {
  std::string policy;  ///< "isolation", "sha256", "required"
  std::string name;
  Place place;
};

struct PluginSettings {
  /// Absolute. Where the packages and the administrator put plugins, unless the configuration says.
  std::vector<std::string> directories{"/usr/lib/observerd/plugins-1",
                                       "/usr/local/lib/observerd/plugins-1"};
  std::vector<std::string> trusted_directories;
  std::vector<ModuleSettings> modules;
  std::map<std::string, Isolation> isolation;  ///< by file name without .so, or action type
  std::int64_t runner_memory = 512LL << 20;    ///< bytes that a process of a plugin may allocate
  std::map<std::string, std::string> sha256;   ///< by the same, lower-case hex
  std::map<std::string, bool> required;        ///< by action type; default true
  std::vector<PolicyName> policy_names;        ///< in isolation, sha256 and required
};

/// Who is told of a failure for good under "on_failure": "alert".
struct AlertSettings {
  ActionSettings action;
  RateSettings rate{10, Milliseconds{60'000}};
  Place place;
};

/// The HTTP server for operators.
struct AdminSettings {
  std::string listen = "127.0.0.1:9810";  ///< "HOST:PORT" or "unix:/PATH"; port 0 takes any
  std::string token;                      ///< "" only on loopback and a Unix socket
  Place place;
};

struct RuntimeSettings {
  int queue_events = 10'000;
  std::int64_t queue_bytes = 64LL << 20;
  Milliseconds shutdown_timeout{30'000};
  Milliseconds poll_interval{1000};
  EventLog event_log = EventLog::Matched;
  Milliseconds event_log_retention{7 * 24 * 3'600'000LL};  ///< zero keeps all
  Overflow overflow = Overflow::Block;
  std::optional<AlertSettings> alert;
  bool watch = false;  ///< plugin files are taken up as they appear, without a reload
};

struct LogSettings {
  std::string level = "info";  ///< trace debug info warn error
  bool json = false;
};

struct Settings {
  DatabaseSettings database;
  PluginSettings plugins;
  RuntimeSettings runtime;
  std::optional<AdminSettings> admin;  ///< nullopt: no server
  LogSettings log;
  std::map<std::string, EntitySettings> entities;
  std::vector<ObserverSettings> observers;
};

}  // namespace observerd::config
