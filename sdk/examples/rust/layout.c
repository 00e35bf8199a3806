/* Prints size and offsets of every struct of plugin.h: what layout.rs has to print as well. */
#include <observerd/plugin.h>
#include <stddef.h>
#include <stdio.h>

#define SIZE(type) printf(#type " %zu\n", sizeof(type))
#define OFFSET(type, member) printf(#type "." #member " %zu\n", offsetof(type, member))

int main(void) {
  SIZE(observerd_str);
  OFFSET(observerd_str, data);
  OFFSET(observerd_str, len);
  SIZE(observerd_field);
  OFFSET(observerd_field, key);
  OFFSET(observerd_field, value);
  SIZE(observerd_host);
  OFFSET(observerd_host, struct_size);
  OFFSET(observerd_host, abi_minor);
  OFFSET(observerd_host, context);
  OFFSET(observerd_host, log_enabled);
  OFFSET(observerd_host, log);
  OFFSET(observerd_host, metric);
  OFFSET(observerd_host, now_ns);
  OFFSET(observerd_host, extension);
  SIZE(observerd_errors);
  OFFSET(observerd_errors, struct_size);
  OFFSET(observerd_errors, reserved);
  OFFSET(observerd_errors, context);
  OFFSET(observerd_errors, add);
  SIZE(observerd_binding);
  OFFSET(observerd_binding, struct_size);
  OFFSET(observerd_binding, reserved);
  OFFSET(observerd_binding, context);
  OFFSET(observerd_binding, lane_key);
  OFFSET(observerd_binding, batch_key);
  SIZE(observerd_item);
  OFFSET(observerd_item, struct_size);
  OFFSET(observerd_item, attempt);
  OFFSET(observerd_item, action);
  OFFSET(observerd_item, delivery_id);
  OFFSET(observerd_item, order);
  OFFSET(observerd_item, event_json);
  OFFSET(observerd_item, settings_json);
  OFFSET(observerd_item, trace_parent);
  OFFSET(observerd_item, created_ns);
  SIZE(observerd_result);
  OFFSET(observerd_result, struct_size);
  OFFSET(observerd_result, outcome);
  OFFSET(observerd_result, retry_after_ms);
  OFFSET(observerd_result, code);
  OFFSET(observerd_result, message);
  OFFSET(observerd_result, remote_id);
  SIZE(observerd_batch);
  OFFSET(observerd_batch, struct_size);
  OFFSET(observerd_batch, count);
  OFFSET(observerd_batch, context);
  OFFSET(observerd_batch, items);
  OFFSET(observerd_batch, deadline_ns);
  OFFSET(observerd_batch, cancel_fd);
  OFFSET(observerd_batch, reserved);
  OFFSET(observerd_batch, cancelled);
  OFFSET(observerd_batch, report);
  SIZE(observerd_preview);
  OFFSET(observerd_preview, struct_size);
  OFFSET(observerd_preview, reserved);
  OFFSET(observerd_preview, context);
  OFFSET(observerd_preview, write);
  SIZE(observerd_action_type);
  OFFSET(observerd_action_type, struct_size);
  OFFSET(observerd_action_type, flags);
  OFFSET(observerd_action_type, type);
  OFFSET(observerd_action_type, summary);
  OFFSET(observerd_action_type, module_schema);
  OFFSET(observerd_action_type, action_schema);
  OFFSET(observerd_action_type, max_batch);
  OFFSET(observerd_action_type, max_concurrency);
  OFFSET(observerd_action_type, open);
  OFFSET(observerd_action_type, bind);
  OFFSET(observerd_action_type, start);
  OFFSET(observerd_action_type, deliver);
  OFFSET(observerd_action_type, stop);
  OFFSET(observerd_action_type, unbind);
  OFFSET(observerd_action_type, close);
  OFFSET(observerd_action_type, probe);
  OFFSET(observerd_action_type, preview);
  SIZE(observerd_plugin);
  OFFSET(observerd_plugin, struct_size);
  OFFSET(observerd_plugin, abi_minor);
  OFFSET(observerd_plugin, min_host_minor);
  OFFSET(observerd_plugin, reserved);
  OFFSET(observerd_plugin, name);
  OFFSET(observerd_plugin, version);
  OFFSET(observerd_plugin, description);
  OFFSET(observerd_plugin, license);
  OFFSET(observerd_plugin, vendor);
  OFFSET(observerd_plugin, actions);
  OFFSET(observerd_plugin, action_count);
  OFFSET(observerd_plugin, reserved_2);
  return 0;
}
