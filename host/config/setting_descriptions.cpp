#include "config/setting_descriptions.hpp"

namespace observerd::config {
namespace {

constexpr const char* kHost = R"({
"/database": {"description": "The database that holds the captured tables, and observerd's own."},
"/database/url": {"description": "A PostgreSQL URL, or keywords as libpq takes them.", "examples": ["postgresql:///app?host=/run/postgresql", "host=/run/postgresql dbname=app"]},
"/database/schema": {"description": "Where observerd keeps its tables.", "default": "observer", "pattern": "^[A-Za-z_][A-Za-z0-9_]{0,57}$"},
"/database/shards": {"description": "How many slices the stream of events is cut into; fixed by observerd migrate.", "default": 4},

"/plugins": {"description": "Where plugins come from, what is demanded of them, and their plugin-wide settings."},
"/plugins/directories": {"description": "Where plugin files (*.so) are looked for: absolute paths. Lists of several files are appended."},
"/plugins/trusted_directories": {"description": "Directories whose plugins count as packaged ones."},
"/plugins/settings": {"description": "Settings of an action type as a whole, by type: servers, credentials, limits."},
"/plugins/modules": {"description": "Further sets of settings under names; an action says \"module\": \"NAME\"."},
"/plugins/modules/*": {"description": "A set of plugin-wide settings for one action type."},
"/plugins/modules/*/type": {"description": "The action type that it is for."},
"/plugins/modules/*/settings": {"description": "The plugin-wide settings."},
"/plugins/isolation": {"description": "Where the code of a plugin runs, by action type."},
"/plugins/isolation/*": {"description": "in-process: in the daemon itself; process: in processes of its own."},
"/plugins/runner": {"description": "The processes of plugins that run in processes of their own."},
"/plugins/runner/memory": {"description": "What such a process may allocate.", "default": "512MiB"},
"/plugins/sha256": {"description": "The only file that may be loaded, by file name without .so or by action type."},
"/plugins/sha256/*": {"description": "The SHA-256 sum of the plugin file, 64 hexadecimal digits.", "pattern": "^[0-9A-Fa-f]{64}$"},
"/plugins/required": {"description": "Whether observerd needs a plugin to start, by action type."},
"/plugins/required/*": {"description": "false: without the plugin, its deliveries wait until it can be loaded.", "default": true},

"/entities": {"description": "What is captured, by entity name; observerd capture apply makes the database so."},
"/entities/*": {"description": "One captured table."},
"/entities/*/table": {"description": "The table, such as public.orders."},
"/entities/*/key": {"description": "The columns that identify a row; by default its primary key.", "minItems": 1},

"/runtime": {"description": "How the host works."},
"/runtime/queue_events": {"description": "Events read ahead at most; the outbox waits in the database.", "default": 10000},
"/runtime/queue_bytes": {"description": "Bytes of events read ahead at most.", "default": "64MiB"},
"/runtime/shutdown_timeout": {"description": "How long deliveries under way may take when observerd stops.", "default": "30s"},
"/runtime/poll_interval": {"description": "How often to look without being woken: the net below the wake-ups.", "default": "1s"},
"/runtime/event_log": {"description": "Which events go to the event log: matched by an observer, all, failed only, or none; what overflow drops always does.", "default": "matched"},
"/runtime/event_log_retention": {"description": "How long the event log is kept; 0s keeps all.", "default": "7d"},
"/runtime/overflow": {"description": "What happens to new events when the queues are full: they wait in the outbox, are given up, or the oldest waiting ones are.", "default": "block"},
"/runtime/watch": {"description": "Take up plugin files as they appear or change, without a reload.", "default": false},
"/runtime/alert": {"description": "Told of failures for good of actions that say \"on_failure\": \"alert\"."},
"/runtime/alert/rate": {"description": "Alerts at most.", "default": "10/m"},
"/runtime/alert/action": {"description": "An action as observers have it."},

"/admin": {"description": "The HTTP server for operators: health, metrics, API, dashboard."},
"/admin/listen": {"description": "HOST:PORT or unix:/PATH.", "default": "127.0.0.1:9810", "pattern": "^(unix:/.*|.+:[0-9]{1,5})$"},
"/admin/token": {"description": "The bearer token that requests must have; needed beyond loopback."},

"/log": {"description": "The daemon's log."},
"/log/level": {"description": "How important a line must be.", "default": "info"},
"/log/format": {"description": "Lines for people or JSON for collectors.", "default": "text"}
})";

constexpr const char* kDelivery = R"({
"/defaults": {"description": "How deliveries are made where an action does not say otherwise."},
"/defaults/retry": {"description": "When to try again."},
"/defaults/retry/max_attempts": {"description": "Counts all tries.", "default": 30},
"/defaults/retry/backoff": {"description": "How delays grow: multiplied, added up, or not at all.", "default": "exponential"},
"/defaults/retry/initial_delay": {"description": "The first delay, 1ms to 1d.", "default": "1s"},
"/defaults/retry/max_delay": {"description": "The longest delay, 1ms to 7d.", "default": "1h"},
"/defaults/retry/multiplier": {"description": "By what an exponential delay grows each time.", "default": 2},
"/defaults/retry/jitter": {"description": "Plus or minus this fraction of a delay.", "default": 0.2},
"/defaults/timeout": {"description": "Longest time of one attempt, 100ms to 1h.", "default": "30s"},
"/defaults/on_failure": {"description": "What becomes of a delivery that failed for good: a dead letter, a dead letter and runtime.alert, or a line in the log.", "default": "dlq"},
"/defaults/concurrency": {"description": "Deliveries at a time to one destination.", "default": 16},
"/defaults/rate": {"description": "Deliveries of an action at most, such as 50/s; also /m, /h, /d.", "examples": ["50/s"]},
"/defaults/breaker": {"description": "When to leave a failing destination alone; false: never.", "type": ["object", "boolean"]},
"/defaults/breaker/failures": {"description": "Failures in a row that open the circuit.", "default": 10},
"/defaults/breaker/window": {"description": "Within this time, 1s to 1d.", "default": "1m"},
"/defaults/breaker/open": {"description": "How long the destination is left alone, 100ms to 1d.", "default": "30s"},
"/defaults/retry_after_cap": {"description": "How long a receiver may ask us to wait, up to 7d.", "default": "1h"},
"/defaults/max_age": {"description": "Gives up trying again after that time; no limit by default.", "examples": ["7d"]},
"/defaults/unavailable_limit": {"description": "How long a destination may be down without costing attempts.", "default": "24h"},
"/defaults/missing": {"description": "What a template does that names a missing field.", "default": "error"}
})";

constexpr const char* kObservers = R"({
"/observers": {"description": "Which changes matter, and what follows. Lists of several files are appended."},
"/observers/0": {"description": "Which changes of one entity matter, and the actions that follow."},
"/observers/0/name": {"description": "Unique; letters, digits, \".\", \"_\" and \"-\".", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
"/observers/0/entity": {"description": "The entity whose changes count; \"*\" for all."},
"/observers/0/events": {"description": "The kinds of events that count; by default all.", "minItems": 1},
"/observers/0/events/0": {"enum": ["insert", "update", "delete", "custom", "*"]},
"/observers/0/when": {"description": "A condition: the event counts where it is true.", "examples": ["status_changed_to('shipped') && total > 100"]},
"/observers/0/ordering": {"description": "entity: one delivery at a time for each row; none: as they come.", "default": "entity"},
"/observers/0/sequence": {"description": "strict: the next action waits until the one before is delivered.", "default": "plain"},
"/observers/0/enabled": {"description": "false: nothing follows.", "default": true},
"/observers/0/actions": {"description": "What follows, in this order.", "minItems": 1},
"/observers/0/actions/0": {"description": "One action; which settings it has depends on its type."},
"/observers/0/actions/0/type": {"description": "The action type, which a plugin provides."},
"/observers/0/actions/0/name": {"description": "Unique in its observer; needed where a type repeats.", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
"/observers/0/actions/0/module": {"description": "The set of plugin-wide settings to use, one of plugins.modules."}
})";

}  // namespace

const json::Value& setting_descriptions() {
  static const json::Value kAll = [] {
    json::Value all = json::Value::object();
    for (const char* part : {kHost, kDelivery, kObservers}) {
      const Result<json::Value> parsed = json::parse(part, Code::Configuration);
      if (!parsed) continue;  // a test sees what is missing
      for (const auto& [pointer, keywords] : parsed->members()) all.set(pointer, keywords);
    }
    return all;
  }();
  return kAll;
}

}  // namespace observerd::config
