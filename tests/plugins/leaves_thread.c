/* Leaves a thread running and a thread-exit destructor behind: after a dlclose both would crash. */
#include <pthread.h>

#include "deliver_all.h"
static pthread_key_t key;
static void destroyed(void* value) {
  (void)value;
}
static void* idle(void* context) {
  (void)context;
  pthread_setspecific(key, &key);
  return NULL;
}
static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  pthread_t thread;
  pthread_key_create(&key, destroyed);
  if (pthread_create(&thread, NULL, idle, NULL) == 0) pthread_detach(thread);
  return fixture_open(host, settings, errors);
}
static const observerd_action_type type = {sizeof(observerd_action_type),
                                           0,
                                           "leaves_thread",
                                           "A fixture.",
                                           NO_SETTINGS,
                                           ANY_SETTINGS,
                                           1,
                                           1,
                                           open_module,
                                           fixture_bind,
                                           NULL,
                                           deliver_all,
                                           NULL,
                                           fixture_unbind,
                                           fixture_close,
                                           NULL,
                                           NULL};
static const observerd_action_type* const types[] = {&type};
static const observerd_plugin plugin = {sizeof(observerd_plugin),
                                        OBSERVERD_ABI_MINOR,
                                        0,
                                        0,
                                        "leaves_thread",
                                        "1.0.0",
                                        "",
                                        "",
                                        "",
                                        types,
                                        1,
                                        0};
OBSERVERD_PLUGIN(plugin, 0);
