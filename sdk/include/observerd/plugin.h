/*
 * observerd plugin ABI, major 1.
 *
 * A plugin is a shared library that exports exactly one symbol, observerd_plugin_entry_v1. The
 * contract in full, with the reasons, is in ABI.md; what binds a plugin stands here.
 *
 * MEMORY    Inputs are borrowed for the call; the items of a batch until each is reported. Outputs
 *           go through a function of the host, which copies. Nobody frees the other's memory.
 * GROWTH    A struct that is passed by pointer starts with struct_size and grows only at its end,
 *           only in a minor release. A reader uses min(struct_size, sizeof its own) bytes and takes
 *           the rest as zero. observerd_str and observerd_field never change. Lists of structs are
 *           arrays of pointers.
 * NUMBERS   Unknown outcomes, levels and flags are legal; each reader has a safe default for them.
 * STRINGS   UTF-8, pointer and length; not terminated. {NULL, 0} is the empty string.
 * ERRORS    No exception and no longjmp crosses this line, in either direction.
 *
 * Thread tags:
 *   [setup]      one call at a time per library
 *   [lifecycle]  one call at a time per module; stop may come while deliver is running
 *   [worker]     any thread of the host; one at a time per module unless THREAD_SAFE
 *   [any]        any thread, also one of the plugin's own, from open until stop has returned
 */
#ifndef OBSERVERD_PLUGIN_H
#define OBSERVERD_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

#define OBSERVERD_ABI_MAJOR 1
#define OBSERVERD_ABI_NEWEST_MINOR 0

/* The minor that a plugin is built for: the header shows only what existed in it. */
#ifndef OBSERVERD_ABI_MINOR
#define OBSERVERD_ABI_MINOR OBSERVERD_ABI_NEWEST_MINOR
#endif

#ifdef __cplusplus
extern "C" {
#endif

/** UTF-8 text. Frozen for the whole major: used by value and in arrays. */
typedef struct observerd_str {
  const char *data; /**< not terminated; may be NULL when len is 0 */
  uint64_t len;     /**< bytes */
} observerd_str;

/** A name and a value of a log line or metric. Frozen for the whole major. */
typedef struct observerd_field {
  observerd_str key;   /**< the name */
  observerd_str value; /**< its value, as text */
} observerd_field;

/* Defined by the plugin; the host only hands them back. */
typedef struct observerd_module observerd_module;
typedef struct observerd_action observerd_action;

/* observerd_result.outcome. An unknown number counts as OBSERVERD_RETRY. */
#define OBSERVERD_DELIVERED 0     /* done, for ever */
#define OBSERVERD_RETRY 1         /* may succeed later; also when it is unknown what happened */
#define OBSERVERD_THROTTLED 2     /* the receiver asks for time: set retry_after_ms */
#define OBSERVERD_REJECTED 3      /* this item can never succeed: dead letter at once */
#define OBSERVERD_UNAVAILABLE 4   /* the destination is down: pauses its lane, costs no attempt */
#define OBSERVERD_MISCONFIGURED 5 /* credentials, permissions: the action is held, and alerts */
#define OBSERVERD_CANCELLED 6     /* gave up because the batch was cancelled */
#define OBSERVERD_GONE 7          /* the destination is no more: holds this action and alerts */

/* Levels of log. An unknown level counts as OBSERVERD_LOG_INFO. */
#define OBSERVERD_LOG_TRACE 0
#define OBSERVERD_LOG_DEBUG 1
#define OBSERVERD_LOG_INFO 2
#define OBSERVERD_LOG_WARN 3
#define OBSERVERD_LOG_ERROR 4

/* Kinds of metric. An unknown kind is ignored. */
#define OBSERVERD_METRIC_COUNTER 0   /* value is added */
#define OBSERVERD_METRIC_GAUGE 1     /* value is set */
#define OBSERVERD_METRIC_HISTOGRAM 2 /* value is observed; seconds or bytes */

/* observerd_action_type.flags. Unknown flags are ignored. */
#define OBSERVERD_THREAD_SAFE UINT32_C(1) /* deliver may run concurrently on one module */
#define OBSERVERD_ASYNC UINT32_C(2)       /* deliver returns at once and reports later */

typedef struct observerd_host observerd_host;
/** What the host offers. The struct lives as long as the process. [any] */
struct observerd_host {
  uint32_t struct_size; /**< bytes of this struct as its maker knows it */
  uint32_t abi_minor;   /**< of the host */
  void *context;        /**< the host's own */

  /** Not 0 when a message of that level would be kept. */
  int32_t (*log_enabled)(const observerd_host *self, int32_t level);
  /** The only way to say something: a plugin never writes to stdout, stderr or syslog. */
  void (*log)(const observerd_host *self, int32_t level, observerd_str message,
              const observerd_field *fields, uint32_t field_count);
  /** name: [a-z][a-z0-9_]*, exported as observerd_plugin_<type>_<name>. Few label values. */
  void (*metric)(const observerd_host *self, int32_t kind, observerd_str name, double value,
                 const observerd_field *labels, uint32_t label_count);
  /** CLOCK_MONOTONIC in nanoseconds: the clock of deadline_ns. */
  int64_t (*now_ns)(const observerd_host *self);
  /** A draft feature by "name/revision" (NUL-terminated), or NULL when this host has it not. */
  const void *(*extension)(const observerd_host *self, const char *name);
};

typedef struct observerd_errors observerd_errors;
/** Where open, bind and probe say what is wrong: any number of problems. Valid during the call. */
struct observerd_errors {
  uint32_t struct_size; /**< bytes of this struct as its maker knows it */
  uint32_t reserved;    /**< 0 */
  void *context;        /**< the host's own */
  /** json_pointer names the setting ("/url"), "" the whole. The message must hold no secret. */
  void (*add)(const observerd_errors *self, observerd_str json_pointer, observerd_str message);
};

typedef struct observerd_binding observerd_binding;
/** Where bind says how its action is queued. Valid during the call. */
struct observerd_binding {
  uint32_t struct_size; /**< bytes of this struct as its maker knows it */
  uint32_t reserved;    /**< 0 */
  void *context;        /**< the host's own */
  /** Destination, e.g. "https://api.example.com:443": a dead one must not stall the others.
     Where the destination is a template, the schema marks the member with x-lane and the host
     appends the rendered part. Not called: one lane per action. */
  void (*lane_key)(const observerd_binding *self, observerd_str key);
  /** Actions with the same batch key may share one deliver. Not called: none are shared. */
  void (*batch_key)(const observerd_binding *self, observerd_str key);
};

typedef struct observerd_item observerd_item;
/** One delivery. Borrowed until it is reported. */
struct observerd_item {
  uint32_t struct_size;        /**< bytes of this struct as its maker knows it */
  uint32_t attempt;            /**< 1 for the first */
  observerd_action *action;    /**< what bind returned for it */
  observerd_str delivery_id;   /**< a UUID; the same over all attempts: the idempotency key */
  uint64_t order;              /**< its position; a later event of an entity has a larger one */
  observerd_str event_json;    /**< event_id, kind, entity, id, type, time, user, new, old */
  observerd_str settings_json; /**< an object: the members with x-template, rendered */
  observerd_str trace_parent;  /**< W3C traceparent, or empty */
  int64_t created_ns;          /**< when the event was written: nanoseconds since 1970, UTC */
};

typedef struct observerd_result observerd_result;
/** What became of one item. The host copies it in report. */
struct observerd_result {
  uint32_t struct_size;    /**< bytes of this struct as its maker knows it */
  int32_t outcome;         /**< OBSERVERD_DELIVERED to OBSERVERD_GONE */
  int64_t retry_after_ms;  /**< what the receiver asked for; 0 when it did not */
  observerd_str code;      /**< short and stable: "http_410", "smtp_550", "fcm_unregistered" */
  observerd_str message;   /**< for operators, at most 1 KiB is kept; no secret */
  observerd_str remote_id; /**< the receiver's own id of what it took, or empty */
};

typedef struct observerd_batch observerd_batch;
/** Some items for one module. The struct and its items stay valid until the last item is reported
   or the host has given the batch up; after that a report is ignored, never unsafe. */
struct observerd_batch {
  uint32_t struct_size;               /**< bytes of this struct as its maker knows it */
  uint32_t count;                     /**< of items */
  void *context;                      /**< the host's own */
  const observerd_item *const *items; /**< count pointers */
  int64_t deadline_ns;                /**< CLOCK_MONOTONIC; what is not reported by then is retried */
  int32_t cancel_fd;                  /**< readable once the batch is cancelled; do not read from it */
  uint32_t reserved;                  /**< 0 */
  /** Not 0 once the batch is cancelled. Cheap. [any] */
  int32_t (*cancelled)(const observerd_batch *self);
  /** Exactly once per index; without ASYNC before deliver returns. [any] */
  void (*report)(const observerd_batch *self, uint32_t index, const observerd_result *result);
};

typedef struct observerd_preview observerd_preview;
/** Where preview writes. Valid during the call. */
struct observerd_preview {
  uint32_t struct_size; /**< bytes of this struct as its maker knows it */
  uint32_t reserved;    /**< 0 */
  void *context;        /**< the host's own */
  /** Adds text; may be called several times. */
  void (*write)(const observerd_preview *self, observerd_str text);
};

typedef struct observerd_action_type observerd_action_type;
/** One action type. Static, immutable. */
struct observerd_action_type {
  uint32_t struct_size; /**< bytes of this struct as its maker knows it */
  uint32_t flags;       /**< OBSERVERD_THREAD_SAFE, OBSERVERD_ASYNC */
  const char *type;     /**< [a-z][a-z0-9_-]{0,31} */
  const char *summary;  /**< one sentence */
  /** JSON Schema (draft 4 subset; "additionalProperties": false) of the plugin-wide settings and of
     one action's. Extra keywords: x-secret (true), x-template ("text" | "json" | "url" | "html" |
     "header" | "glob" | "slack"), x-lane ("origin" | "value"). */
  const char *module_schema;
  const char *action_schema; /**< as module_schema */
  uint32_t max_batch;        /**< items per deliver; 0 means 1 */
  uint32_t max_concurrency;  /**< deliver calls at a time (ASYNC: unreported batches); 0 means 1 */

  /** Parse the plugin-wide settings; no network. NULL means failed: say why through errors.
     [setup] */
  observerd_module *(*open)(const observerd_host *host, observerd_str settings_json,
                            const observerd_errors *errors);
  /** Parse one action's settings, secrets resolved, templates still unrendered; no network. NULL
     means failed. [setup] */
  observerd_action *(*bind)(observerd_module *module, observerd_str action_json,
                            const observerd_errors *errors, const observerd_binding *binding);
  /** May connect. Not 0 means failed: log why. May be NULL. [lifecycle] */
  int32_t (*start)(observerd_module *module);
  /** Deliver the items and report each. [worker] */
  void (*deliver)(observerd_module *module, const observerd_batch *batch);
  /** Interrupt what runs, report it, join own threads. May be NULL. [lifecycle] */
  void (*stop)(observerd_module *module);
  /** Frees what bind made. No item of it is under way. [setup] */
  void (*unbind)(observerd_module *module, observerd_action *action);
  /** Frees what open made, after every unbind. [setup] */
  void (*close)(observerd_module *module);
  /** Optional: can the destination be reached with these credentials? 0 means yes; not 0: say why
     through errors. Changes nothing at the destination. [worker] */
  int32_t (*probe)(observerd_module *module, observerd_action *action,
                   const observerd_errors *errors);
  /** Optional: write what deliver would send for this item, as text for a person. No network.
     [worker] */
  void (*preview)(observerd_module *module, const observerd_item *item,
                  const observerd_preview *preview);
};

typedef struct observerd_plugin observerd_plugin;
/** What the entry function returns. Static, immutable. */
struct observerd_plugin {
  uint32_t struct_size;                        /**< bytes of this struct as its maker knows it */
  uint32_t abi_minor;                          /**< OBSERVERD_ABI_MINOR */
  uint32_t min_host_minor;                     /**< an older host refuses this plugin */
  uint32_t reserved;                           /**< 0 */
  const char *name;                            /**< of the plugin, for people */
  const char *version;                         /**< of the plugin, for people */
  const char *description;                     /**< one sentence */
  const char *license;                         /**< an SPDX expression */
  const char *vendor;                          /**< who answers for it */
  const observerd_action_type *const *actions; /**< action_count pointers */
  uint32_t action_count;                       /**< of actions */
  uint32_t reserved_2;                         /**< 0 */
};

/* A pure function: no side effects, the same static table each time. [any] */
typedef const observerd_plugin *(*observerd_plugin_entry_fn)(void);

#if defined(__GNUC__)
#define OBSERVERD_EXPORT __attribute__((visibility("default")))
#else
#define OBSERVERD_EXPORT
#endif

#define OBSERVERD_STRING_2(x) #x
#define OBSERVERD_STRING(x) OBSERVERD_STRING_2(x)

/*
 * The ELF note that the host reads before it runs any code of the library:
 * name "observerd", type 1, four 32-bit words: major, minor, min_host_minor, pointer size in bytes.
 */
#define OBSERVERD_NOTE(min_host_minor)                              \
  __asm__(".pushsection .note.observerd,\"a\",%note\n"              \
          ".balign 4\n"                                             \
          ".long 10\n"                                              \
          ".long 16\n"                                              \
          ".long 1\n"                                               \
          ".asciz \"observerd\"\n"                                  \
          ".balign 4\n"                                             \
          ".long " OBSERVERD_STRING(OBSERVERD_ABI_MAJOR) "\n"       \
          ".long " OBSERVERD_STRING(OBSERVERD_ABI_MINOR) "\n"       \
          ".long " OBSERVERD_STRING(min_host_minor) "\n"            \
          ".long " OBSERVERD_STRING(__SIZEOF_POINTER__) "\n"        \
          ".popsection\n")

/* Once per plugin, at file scope: the note and the entry function. `table` is an observerd_plugin
   with static storage; `min_host_minor` a literal number. */
#ifdef __cplusplus
#define OBSERVERD_EXTERN_C extern "C"
#else
#define OBSERVERD_EXTERN_C extern
#endif
#define OBSERVERD_PLUGIN(table, min_host_minor)                                     \
  OBSERVERD_NOTE(min_host_minor);                                                   \
  OBSERVERD_EXTERN_C OBSERVERD_EXPORT const observerd_plugin *observerd_plugin_entry_v1(void); \
  const observerd_plugin *observerd_plugin_entry_v1(void) { return &(table); }      \
  OBSERVERD_EXTERN_C OBSERVERD_EXPORT const observerd_plugin *observerd_plugin_entry_v1(void)

#ifdef __cplusplus
}
#endif

#endif /* OBSERVERD_PLUGIN_H */
