/* Returns at once although it is not ASYNC; its thread reports when the batch is cancelled. */
#include <poll.h>
#include <pthread.h>

#include "fixture.h"
static pthread_t thread;
static int running;

static void* report_late(void* context) {
  const observerd_batch* batch = context;
  struct pollfd cancelled = {batch->cancel_fd, POLLIN, 0};
  (void)poll(&cancelled, 1, 10000);
  for (uint32_t i = 0; i < batch->count; ++i) report(batch, i, OBSERVERD_DELIVERED, "late");
  report(batch, 0, OBSERVERD_DELIVERED, "late again");
  return NULL;
}

static void deliver(observerd_module* module, const observerd_batch* batch) {
  (void)module;
  running = pthread_create(&thread, NULL, report_late, (void*)batch) == 0;
}
static void stop(observerd_module* module) {
  (void)module;
  if (running) pthread_join(thread, NULL);
  running = 0;
}
FIXTURE_TABLES("late_reporter", deliver, 0, stop);
OBSERVERD_PLUGIN(fixture_plugin, 0);
