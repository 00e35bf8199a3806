#include <dirent.h>
#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>

#include "telemetry/families.hpp"

namespace observerd::telemetry {
namespace {

void append(Families& out, const char* name, const char* help, prometheus::MetricType type,
            double value) {
  prometheus::MetricFamily& family = out.emplace_back();
  family.name = name;
  family.help = help;
  family.type = type;
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  (type == prometheus::MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
}

/// Open descriptors, the one of this look left out; -1 when they cannot be listed.
int open_descriptors() {
  DIR* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return -1;
  int count = -3;  // ".", ".." and the directory itself
  while (readdir(directory) != nullptr) ++count;
  closedir(directory);
  return count;
}

/// Field 22 of /proc/self/stat: when the process started, in clock ticks since boot (proc(5)).
double start_ticks() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  const std::size_t name_end = text.rfind(')');  // the name in front may hold spaces
  if (name_end == std::string::npos) return 0;
  std::istringstream rest(text.substr(name_end + 1));
  std::string word;
  for (int field = 3; field <= 22; ++field) rest >> word;
  double ticks = 0;
  std::from_chars(word.data(), word.data() + word.size(), ticks);
  return ticks;
}

double seconds(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

/// Since 1970. From the clocks, as a service with ProcSubset=pid does not see /proc/stat; asked
/// once, so that a start does not move when the clock is set.
double boot_seconds() {
  static const double boot = seconds(CLOCK_REALTIME) - seconds(CLOCK_BOOTTIME);
  return boot;
}

}  // namespace

void append_process(Families& out) {
  using prometheus::MetricType;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto processor_seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  append(out, "process_cpu_seconds_total", "User and system CPU time.", MetricType::Counter,
         processor_seconds(usage.ru_utime) + processor_seconds(usage.ru_stime));
  std::ifstream statm("/proc/self/statm");
  double pages = 0, resident = 0;
  if (statm >> pages >> resident) {
    append(out, "process_resident_memory_bytes", "Resident memory.", MetricType::Gauge,
           resident * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  if (const int count = open_descriptors(); count >= 0) {
    append(out, "process_open_fds", "Open file descriptors.", MetricType::Gauge, count);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    append(out, "process_max_fds", "Limit of open file descriptors.", MetricType::Gauge,
           static_cast<double>(limit.rlim_cur));
  }
  append(out, "process_start_time_seconds", "Start of the process since 1970.", MetricType::Gauge,
         boot_seconds() + start_ticks() / static_cast<double>(sysconf(_SC_CLK_TCK)));
}

}  // namespace observerd::telemetry
