/* Appends a line for each event to a file. Plain C on plugin.h. */
#include <errno.h>
#include <fcntl.h>
#include <observerd/plugin.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "member.h"

/* Both are ours: the host only hands them back. */
struct observerd_module {
  const observerd_host* host;
};
struct observerd_action {
  char* file;
};

static observerd_str str(const char* text) {
  observerd_str s = {text, strlen(text)};
  return s;
}

static void report(const observerd_batch* batch, uint32_t index, int32_t outcome, const char* code,
                   const char* message) {
  observerd_result result;
  memset(&result, 0, sizeof result);
  result.struct_size = sizeof result; /* never forget: the host reads no further than this */
  result.outcome = outcome;
  result.code = str(code);
  result.message = str(message);
  batch->report(batch, index, &result);
}

static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  (void)settings; /* there are none: see module_schema */
  observerd_module* module = malloc(sizeof *module);
  if (module == NULL) {
    errors->add(errors, str(""), str("out of memory"));
    return NULL;
  }
  module->host = host;
  return module;
}

static observerd_action* bind_action(observerd_module* module, observerd_str settings,
                                     const observerd_errors* errors,
                                     const observerd_binding* binding) {
  (void)module;
  char* file = member(settings, "file");
  observerd_action* action = file == NULL ? NULL : malloc(sizeof *action);
  if (action == NULL) {
    errors->add(errors, str("/file"), str("must be a string"));
    free(file);
    return NULL;
  }
  action->file = file;
  binding->lane_key(binding, str(file)); /* a file that fails does not hold up the others */
  return action;
}

/* Writes with one write, so that lines of others do not get in between. */
static void append(const observerd_batch* batch, uint32_t index, const char* file, char* line) {
  const size_t length = strlen(line);
  const int fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  if (fd < 0) {
    report(batch, index, OBSERVERD_MISCONFIGURED, "open_failed", strerrordesc_np(errno));
    return;
  }
  line[length] = '\n'; /* where the NUL was */
  const ssize_t written = write(fd, line, length + 1);
  const int error = errno;
  close(fd);
  if (written == (ssize_t)(length + 1)) {
    report(batch, index, OBSERVERD_DELIVERED, "", "");
  } else {
    report(batch, index, OBSERVERD_RETRY, "write_failed", strerrordesc_np(error));
  }
}

static void deliver_one(const observerd_batch* batch, uint32_t index) {
  const observerd_item* item = batch->items[index];
  if (batch->cancelled(batch)) {
    report(batch, index, OBSERVERD_CANCELLED, "cancelled", "");
    return;
  }
  char* line = member(item->settings_json, "line");
  if (line == NULL) {
    report(batch, index, OBSERVERD_REJECTED, "no_line", "there is no line to write");
  } else if (strchr(line, '\n') != NULL) {
    report(batch, index, OBSERVERD_REJECTED, "broken_line", "a line end in the line");
  } else {
    append(batch, index, item->action->file, line);
  }
  free(line);
}

static void deliver(observerd_module* module, const observerd_batch* batch) {
  (void)module;
  const uint32_t count = batch->count; /* the batch may go with its last report */
  for (uint32_t i = 0; i < count; ++i) deliver_one(batch, i);
}

static void unbind(observerd_module* module, observerd_action* action) {
  (void)module;
  free(action->file);
  free(action);
}
static void close_module(observerd_module* module) {
  free(module);
}

static const observerd_action_type type = {
    .struct_size = sizeof(observerd_action_type),
    .flags = OBSERVERD_THREAD_SAFE,
    .type = "spool_c",
    .summary = "Appends a line for each event to a file.",
    .module_schema = "{\"type\": \"object\", \"additionalProperties\": false}",
    .action_schema =
        "{\"type\": \"object\", \"additionalProperties\": false, \"required\": [\"file\", "
        "\"line\"],"
        " \"properties\": {"
        "  \"file\": {\"type\": \"string\", \"pattern\": \"^/\","
        "    \"description\": \"Absolute path of the file to append to.\"},"
        "  \"line\": {\"type\": \"string\", \"x-template\": \"text\","
        "    \"description\": \"The line to write.\"}}}",
    .max_batch = 1,
    .max_concurrency = 4,
    .open = open_module,
    .bind = bind_action,
    .deliver = deliver,
    .unbind = unbind,
    .close = close_module,
};
static const observerd_action_type* const types[] = {&type};
static const observerd_plugin plugin = {
    .struct_size = sizeof(observerd_plugin),
    .abi_minor = OBSERVERD_ABI_MINOR,
    .name = "spool_c",
    .version = "1.0.0",
    .description = "An example in C.",
    .license = "Apache-2.0",
    .vendor = "observerd",
    .actions = types,
    .action_count = 1,
};
OBSERVERD_PLUGIN(plugin, 0);
