/* Reports from a thread of its own, and returns before that is done; it is not ASYNC. */
#include <pthread.h>
#include <time.h>
#include "deliver_all.h"
static pthread_t thread;
static int running;
static void join(void) {
  if (running) pthread_join(thread, NULL);
  running = 0;
}
static void* report_later(void* batch) {
  const struct timespec nap = {0, 2000000};
  nanosleep(&nap, NULL);
  deliver_all(NULL, batch);
  return NULL;
}
static void deliver(observerd_module* module, const observerd_batch* batch) {
  (void)module;
  join();
  running = pthread_create(&thread, NULL, report_later, (void*)batch) == 0;
}
static void stop(observerd_module* module) {
  (void)module;
  join();
}
FIXTURE_TABLES("reports_late", deliver, 0, stop);
OBSERVERD_PLUGIN(fixture_plugin, 0);
