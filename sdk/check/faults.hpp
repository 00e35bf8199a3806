#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "observerd/plugin.h"

namespace observerd::check {

/// What a plugin did wrong in calls of the host's functions: the first few of each kind of judge.
/// Thread-safe. Does not grow without bound, so that loops can count memory.
class Faults {
 public:
  void add(std::string_view what);
  std::vector<std::string> all() const;
  bool empty() const;

 private:
  static constexpr std::size_t most = 8;
  mutable std::mutex mutex_;
  std::vector<std::string> faults_;
};

/// Says whether a text that a plugin hands over can be read at all: its length plausible, its
/// pointer there, UTF-8. `name` is how the fault calls it ("the result's code").
bool check_text(std::string_view name, observerd_str text, Faults& faults);

}  // namespace observerd::check
