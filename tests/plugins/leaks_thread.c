/* Each module starts a thread that nobody ever joins. */
#include <pthread.h>
#include <unistd.h>
#define FIXTURE_OPEN open_module
#include "deliver_all.h"
static void* wait_for_ever(void* context) {
  for (;;) pause();
  return context;
}
static observerd_module* open_module(const observerd_host* host, observerd_str settings,
                                     const observerd_errors* errors) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, wait_for_ever, NULL) == 0) pthread_detach(thread);
  return fixture_open(host, settings, errors);
}
FIXTURE("leaks_thread", deliver_all, 0);
