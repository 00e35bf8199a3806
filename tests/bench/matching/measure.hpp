#pragma once

#include <ctime>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace observerd::bench {

/// Seconds of processor time that this thread has used: what others do on the machine counts less
/// than on the wall clock.
inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

inline double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

/// Something to be timed: does its work and gives the number of things it was done to.
using Way = std::function<std::size_t()>;

/// Nanoseconds for one thing, the median of rounds in which the ways take turns.
inline std::vector<double> take_turns(const std::vector<Way>& ways, int rounds) {
  std::vector<std::vector<double>> seen(ways.size());
  for (int round = 0; round < rounds; ++round) {
    for (std::size_t way = 0; way < ways.size(); ++way) {
      const double start = cpu_seconds();
      const std::size_t things = ways[way]();
      seen[way].push_back((cpu_seconds() - start) * 1e9 / static_cast<double>(things));
    }
  }
  std::vector<double> out;
  for (auto& each : seen) out.push_back(median(std::move(each)));
  return out;
}

}  // namespace observerd::bench
