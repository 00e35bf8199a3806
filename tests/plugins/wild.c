/* What an item's settings say decides what it does: "segv", "abort", "exit", "hang", "memory",
   "output", "flood", "forbidden" (tries what no action needs, and reports what worked), "threads"
   (whether those still work); anything else is delivered. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <observerd/plugin.h>

static const observerd_host* the_host;
static observerd_module* keep_host(const observerd_host* host, observerd_str settings,
                                   const observerd_errors* errors);
#define FIXTURE_OPEN keep_host
#define FIXTURE_ACTION_SCHEMA                                                                   \
  "{\"type\":\"object\",\"properties\":{\"do\":{\"type\":\"string\",\"x-template\":\"text\"}}," \
  "\"additionalProperties\":false}"
#include "fixture.h"

static observerd_module* keep_host(const observerd_host* host, observerd_str settings,
                                   const observerd_errors* errors) {
  the_host = host;
  return fixture_open(host, settings, errors);
}

static char worked[64];

static void note(int did_work, const char* what) {
  if (!did_work || strlen(worked) + strlen(what) + 2 > sizeof worked) return;
  strcat(worked, what);
  strcat(worked, " ");
}

static int can_open(const char* format, int flags) {
  char path[64];
  snprintf(path, sizeof path, format, (int)getppid());
  const int fd = open(path, flags);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

static int forks(void) {
  const pid_t pid = fork();
  if (pid == 0) _exit(0);
  if (pid > 0) waitpid(pid, NULL, 0);
  return pid > 0;
}

static int reads_memory_of_parent(void) {
  char byte;
  struct iovec ours = {&byte, 1}, theirs = {(void*)&the_host, 1};
  return process_vm_readv(getppid(), &ours, 1, &theirs, 1, 0) >= 0 || errno != EPERM;
}

/* Descriptors beyond the standard ones, the socket, the library and what the runner opens itself:
   anything that is the host's would be a file, a database connection or a listener. */
static int inherits_descriptors(void) {
  for (int fd = 5; fd < 64; ++fd) {
    char path[32], target[64] = "";
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (readlink(path, target, sizeof target - 1) > 0 && strncmp(target, "anon_inode:", 11) != 0 &&
        strstr(target, ".so") == NULL) {
      return 1;
    }
  }
  return 0;
}

static void try_what_is_forbidden(void) {
  struct rlimit core;
  worked[0] = '\0';
  note(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0, "ptrace");
  note(reads_memory_of_parent(), "vm_readv");
  note(can_open("/proc/%d/mem", O_RDONLY), "mem");
  note(can_open("/proc/%d/environ", O_RDONLY), "environ");
  note(can_open("/proc/%d/fd/0", O_RDONLY), "fd");
  note(kill(getppid(), 0) == 0, "kill");
  note(prlimit(getppid(), RLIMIT_CORE, NULL, &core) == 0, "prlimit");
  note(forks(), "fork");
  note(unshare(CLONE_NEWUTS) == 0, "unshare");
  note(mount("none", "/mnt", "tmpfs", 0, NULL) == 0, "mount");
  note(setuid(12345) == 0, "setuid");
  note(syscall(SYS_bpf, 0, NULL, 0) >= 0 || errno != EPERM, "bpf");
  note(prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0, "pdeathsig");
  note(getenv("OBSERVERD_TEST_SECRET") != NULL, "getenv");
  note(inherits_descriptors(), "descriptors");
  note(getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0, "core");
  note(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1, "new_privs");
  execl("/bin/true", "true", (char*)NULL);
  note(errno != EPERM, "exec");
}

static void* do_nothing(void* argument) {
  return argument;
}

static const char* try_threads(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, do_nothing, NULL) != 0) return "no_thread";
  pthread_join(thread, NULL);
  return "threads_work";
}

/* As much as it gets, a gibibyte at most: the machine is not only its own. */
static void eat_memory(void) {
  for (int blocks = 0; blocks < 64; ++blocks) {
    char* block = malloc((size_t)16 << 20);
    if (block == NULL) abort();
    memset(block, 1, (size_t)16 << 20);
  }
}

static int says(const observerd_item* item, const char* word) {
  return memmem(item->settings_json.data, item->settings_json.len, word, strlen(word)) != NULL;
}

static void deliver(observerd_module* module, const observerd_batch* batch) {
  (void)module;
  for (uint32_t i = 0; i < batch->count; ++i) {
    const observerd_item* item = batch->items[i];
    const char* code = "";
    if (says(item, "segv")) raise(SIGSEGV);
    if (says(item, "abort")) abort();
    if (says(item, "exit")) exit(7);
    if (says(item, "memory")) eat_memory();
    while (says(item, "hang")) (void)poll(NULL, 0, 1000);
    if (says(item, "output")) (void)!write(STDERR_FILENO, "out of turn\n", 12);
    for (int line = 0; says(item, "flood") && line < 20000; ++line) {
      the_host->log(the_host, OBSERVERD_LOG_ERROR, str("again"), NULL, 0);
    }
    if (says(item, "threads")) code = try_threads();
    if (says(item, "forbidden")) {
      try_what_is_forbidden();
      code = worked;
    }
    report(batch, i, code == worked && *code != '\0' ? OBSERVERD_REJECTED : OBSERVERD_DELIVERED,
           code);
  }
}
FIXTURE("wild", deliver, 0);
