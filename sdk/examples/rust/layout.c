/* Prints the size of every struct of plugin.h, and where its members are: what layout.rs has to
 * print as well. */
#include <observerd/plugin.h>
#include <stddef.h>
#include <stdio.h>

#define SIZE(type) printf(#type " %zu\n", sizeof(type))
#define MEMBER(type, member)                                               \
  printf(#type "." #member " at %zu, %zu bytes\n", offsetof(type, member), \
         sizeof(((type*)0)->member))

int main(void) {
  SIZE(observerd_str);
  MEMBER(observerd_str, data);
  MEMBER(observerd_str, len);
  SIZE(observerd_field);
  MEMBER(observerd_field, key);
  MEMBER(observerd_field, value);
  SIZE(observerd_host);
  MEMBER(observerd_host, struct_size);
  MEMBER(observerd_host, abi_minor);
  MEMBER(observerd_host, context);
  MEMBER(observerd_host, log_enabled);
  MEMBER(observerd_host, log);
  MEMBER(observerd_host, metric);
  MEMBER(observerd_host, now_ns);
  MEMBER(observerd_host, extension);
  SIZE(observerd_errors);
  MEMBER(observerd_errors, struct_size);
  MEMBER(observerd_errors, reserved);
  MEMBER(observerd_errors, context);
  MEMBER(observerd_errors, add);
  SIZE(observerd_binding);
  MEMBER(observerd_binding, struct_size);
  MEMBER(observerd_binding, reserved);
  MEMBER(observerd_binding, context);
  MEMBER(observerd_binding, lane_key);
  MEMBER(observerd_binding, batch_key);
  SIZE(observerd_item);
  MEMBER(observerd_item, struct_size);
  MEMBER(observerd_item, attempt);
  MEMBER(observerd_item, action);
  MEMBER(observerd_item, delivery_id);
  MEMBER(observerd_item, order);
  MEMBER(observerd_item, event_json);
  MEMBER(observerd_item, settings_json);
  MEMBER(observerd_item, trace_parent);
  MEMBER(observerd_item, created_ns);
  SIZE(observerd_result);
  MEMBER(observerd_result, struct_size);
  MEMBER(observerd_result, outcome);
  MEMBER(observerd_result, retry_after_ms);
  MEMBER(observerd_result, code);
  MEMBER(observerd_result, message);
  MEMBER(observerd_result, remote_id);
  SIZE(observerd_batch);
  MEMBER(observerd_batch, struct_size);
  MEMBER(observerd_batch, count);
  MEMBER(observerd_batch, context);
  MEMBER(observerd_batch, items);
  MEMBER(observerd_batch, deadline_ns);
  MEMBER(observerd_batch, cancel_fd);
  MEMBER(observerd_batch, reserved);
  MEMBER(observerd_batch, cancelled);
  MEMBER(observerd_batch, report);
  SIZE(observerd_preview);
  MEMBER(observerd_preview, struct_size);
  MEMBER(observerd_preview, reserved);
  MEMBER(observerd_preview, context);
  MEMBER(observerd_preview, write);
  SIZE(observerd_action_type);
  MEMBER(observerd_action_type, struct_size);
  MEMBER(observerd_action_type, flags);
  MEMBER(observerd_action_type, type);
  MEMBER(observerd_action_type, summary);
  MEMBER(observerd_action_type, module_schema);
  MEMBER(observerd_action_type, action_schema);
  MEMBER(observerd_action_type, max_batch);
  MEMBER(observerd_action_type, max_concurrency);
  MEMBER(observerd_action_type, open);
  MEMBER(observerd_action_type, bind);
  MEMBER(observerd_action_type, start);
  MEMBER(observerd_action_type, deliver);
  MEMBER(observerd_action_type, stop);
  MEMBER(observerd_action_type, unbind);
  MEMBER(observerd_action_type, close);
  MEMBER(observerd_action_type, probe);
  MEMBER(observerd_action_type, preview);
  SIZE(observerd_plugin);
  MEMBER(observerd_plugin, struct_size);
  MEMBER(observerd_plugin, abi_minor);
  MEMBER(observerd_plugin, min_host_minor);
  MEMBER(observerd_plugin, reserved);
  MEMBER(observerd_plugin, name);
  MEMBER(observerd_plugin, version);
  MEMBER(observerd_plugin, description);
  MEMBER(observerd_plugin, license);
  MEMBER(observerd_plugin, vendor);
  MEMBER(observerd_plugin, actions);
  MEMBER(observerd_plugin, action_count);
  MEMBER(observerd_plugin, reserved_2);
  return 0;
}
