/* Every offset and size of ABI 1.0 on a machine with 8-byte pointers. Numbers here never change:
   new members add lines. Included by layout.c and layout.cpp. */
#include <observerd/plugin.h>
#include <stddef.h>

#ifdef __cplusplus
#define PINNED(condition, text) static_assert(condition, text)
#else
#define PINNED(condition, text) _Static_assert(condition, text)
#endif
#define OFFSET(type, member, offset) \
  PINNED(offsetof(type, member) == (offset), #type "." #member " has moved")
#define SIZE(type, size) PINNED(sizeof(type) == (size), #type " has another size")

OFFSET(observerd_str, data, 0);
OFFSET(observerd_str, len, 8);
SIZE(observerd_str, 16);

OFFSET(observerd_field, key, 0);
OFFSET(observerd_field, value, 16);
SIZE(observerd_field, 32);

OFFSET(observerd_host, struct_size, 0);
OFFSET(observerd_host, abi_minor, 4);
OFFSET(observerd_host, context, 8);
OFFSET(observerd_host, log_enabled, 16);
OFFSET(observerd_host, log, 24);
OFFSET(observerd_host, metric, 32);
OFFSET(observerd_host, now_ns, 40);
OFFSET(observerd_host, extension, 48);
SIZE(observerd_host, 56);

OFFSET(observerd_errors, struct_size, 0);
OFFSET(observerd_errors, reserved, 4);
OFFSET(observerd_errors, context, 8);
OFFSET(observerd_errors, add, 16);
SIZE(observerd_errors, 24);

OFFSET(observerd_binding, struct_size, 0);
OFFSET(observerd_binding, reserved, 4);
OFFSET(observerd_binding, context, 8);
OFFSET(observerd_binding, lane_key, 16);
OFFSET(observerd_binding, batch_key, 24);
SIZE(observerd_binding, 32);

OFFSET(observerd_item, struct_size, 0);
OFFSET(observerd_item, attempt, 4);
OFFSET(observerd_item, action, 8);
OFFSET(observerd_item, delivery_id, 16);
OFFSET(observerd_item, order, 32);
OFFSET(observerd_item, event_json, 40);
OFFSET(observerd_item, settings_json, 56);
OFFSET(observerd_item, trace_parent, 72);
OFFSET(observerd_item, created_ns, 88);
SIZE(observerd_item, 96);

OFFSET(observerd_result, struct_size, 0);
OFFSET(observerd_result, outcome, 4);
OFFSET(observerd_result, retry_after_ms, 8);
OFFSET(observerd_result, code, 16);
OFFSET(observerd_result, message, 32);
OFFSET(observerd_result, remote_id, 48);
SIZE(observerd_result, 64);

OFFSET(observerd_batch, struct_size, 0);
OFFSET(observerd_batch, count, 4);
OFFSET(observerd_batch, context, 8);
OFFSET(observerd_batch, items, 16);
OFFSET(observerd_batch, deadline_ns, 24);
OFFSET(observerd_batch, cancel_fd, 32);
OFFSET(observerd_batch, reserved, 36);
OFFSET(observerd_batch, cancelled, 40);
OFFSET(observerd_batch, report, 48);
SIZE(observerd_batch, 56);

OFFSET(observerd_preview, struct_size, 0);
OFFSET(observerd_preview, reserved, 4);
OFFSET(observerd_preview, context, 8);
OFFSET(observerd_preview, write, 16);
SIZE(observerd_preview, 24);

OFFSET(observerd_action_type, struct_size, 0);
OFFSET(observerd_action_type, flags, 4);
OFFSET(observerd_action_type, type, 8);
OFFSET(observerd_action_type, summary, 16);
OFFSET(observerd_action_type, module_schema, 24);
OFFSET(observerd_action_type, action_schema, 32);
OFFSET(observerd_action_type, max_batch, 40);
OFFSET(observerd_action_type, max_concurrency, 44);
OFFSET(observerd_action_type, open, 48);
OFFSET(observerd_action_type, bind, 56);
OFFSET(observerd_action_type, start, 64);
OFFSET(observerd_action_type, deliver, 72);
OFFSET(observerd_action_type, stop, 80);
OFFSET(observerd_action_type, unbind, 88);
OFFSET(observerd_action_type, close, 96);
OFFSET(observerd_action_type, probe, 104);
OFFSET(observerd_action_type, preview, 112);
SIZE(observerd_action_type, 120);

OFFSET(observerd_plugin, struct_size, 0);
OFFSET(observerd_plugin, abi_minor, 4);
OFFSET(observerd_plugin, min_host_minor, 8);
OFFSET(observerd_plugin, reserved, 12);
OFFSET(observerd_plugin, name, 16);
OFFSET(observerd_plugin, version, 24);
OFFSET(observerd_plugin, description, 32);
OFFSET(observerd_plugin, license, 40);
OFFSET(observerd_plugin, vendor, 48);
OFFSET(observerd_plugin, actions, 56);
OFFSET(observerd_plugin, action_count, 64);
OFFSET(observerd_plugin, reserved_2, 68);
SIZE(observerd_plugin, 72);

#define NUMBER(name, value) PINNED((name) == (value), #name " has another value")
NUMBER(OBSERVERD_DELIVERED, 0);
NUMBER(OBSERVERD_RETRY, 1);
NUMBER(OBSERVERD_THROTTLED, 2);
NUMBER(OBSERVERD_REJECTED, 3);
NUMBER(OBSERVERD_UNAVAILABLE, 4);
NUMBER(OBSERVERD_MISCONFIGURED, 5);
NUMBER(OBSERVERD_CANCELLED, 6);
NUMBER(OBSERVERD_GONE, 7);
NUMBER(OBSERVERD_LOG_TRACE, 0);
NUMBER(OBSERVERD_LOG_DEBUG, 1);
NUMBER(OBSERVERD_LOG_INFO, 2);
NUMBER(OBSERVERD_LOG_WARN, 3);
NUMBER(OBSERVERD_LOG_ERROR, 4);
NUMBER(OBSERVERD_METRIC_COUNTER, 0);
NUMBER(OBSERVERD_METRIC_GAUGE, 1);
NUMBER(OBSERVERD_METRIC_HISTOGRAM, 2);
NUMBER(OBSERVERD_THREAD_SAFE, 1);
NUMBER(OBSERVERD_ASYNC, 2);
