#pragma once

#include <chrono>
#include <thread>

namespace observerd::testing {

/// Looks again and again until it is so; false when it is not within `patience`, which only a
/// failing test waits for.
template <typename Condition>
[[nodiscard]] bool eventually(const Condition& condition,
                              std::chrono::milliseconds patience = std::chrono::seconds(60)) {
  constexpr std::chrono::milliseconds kLook{5};
  const auto until = std::chrono::steady_clock::now() + patience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(kLook);
  }
  return true;
}

}  // namespace observerd::testing
