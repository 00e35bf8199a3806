#include <algorithm>
#include <cstdlib>
#include <functional>
#include <thread>

#include "check/process_state.hpp"
#include "check/session.hpp"
#include "check/test_functions.hpp"

namespace observerd::check {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t warm_up = 12;
constexpr std::size_t windows = 3;
constexpr std::size_t windows_to_be_sure = 9;  // when something seems to grow
constexpr std::size_t most_rounds = 100;       // in a window
constexpr std::size_t least_rounds = 3;
/// The least that malloc gives out.
constexpr std::size_t least_leak = 24;

/// Open to close, with deliveries.
void live_once(Trial& trial, const plugin::ActionType& type, bool deliver) {
  const auto session = Session::started(trial, type);
  if (session == nullptr || !deliver) return;
  const auto most = static_cast<std::uint32_t>(type.max_batch);
  session->deliver_here(session->batch(std::min(most, 3U)));
}

/// malloc of this process counts what it gives out. Not so that of sanitizers, and others.
bool counts_memory() {
  constexpr std::size_t size = 65'536;
  const std::size_t before = allocated_bytes();
  void* volatile block = std::malloc(size);  // volatile: or the compiler does without
  const bool counted = allocated_bytes() >= before + size;
  std::free(block);
  return counted;
}

/// Repeats the body in windows of equally many rounds and looks at what each window leaves
/// allocated. What grows in every window, and by at least one block a round, leaks: caches and
/// pools fill up once.
void expect_no_growth(Trial& trial, const std::string& prefix, const std::string& what,
                      const std::function<void()>& body) {
  const auto begin = Clock::now();
  std::size_t warmed = 0;
  while (warmed < warm_up && Clock::now() < begin + trial.times.loop) {
    body();
    ++warmed;
  }
  const auto each =
      std::max<Clock::duration>((Clock::now() - begin) / warmed, std::chrono::microseconds(1));
  const auto affordable = static_cast<std::size_t>(trial.times.loop / each / windows);
  if (affordable < least_rounds) {
    return trial.finding.skip("one " + what + " takes too long to be repeated often");
  }
  const std::size_t rounds = std::min(affordable, most_rounds);
  std::size_t least = SIZE_MAX;
  for (std::size_t window = 0;
       window < windows || (window < windows_to_be_sure && least >= least_leak); ++window) {
    const std::size_t before = allocated_bytes();
    for (std::size_t i = 0; i < rounds; ++i) body();
    const std::size_t after = allocated_bytes();
    least = std::min(least, after > before ? (after - before) / rounds : 0);
  }
  if (least >= least_leak) {
    trial.finding.fail(prefix + "each " + what + " leaves about " + std::to_string(least) +
                       " bytes allocated");
  }
}

}  // namespace

void test_threads(Trial& trial) {
  // The first thread of a process makes some runtimes (ThreadSanitizer's) start one of their own.
  std::thread([] {}).join();
  const std::size_t before = thread_count();
  for (const plugin::ActionType& type : trial.types()) {
    live_once(trial, type, true);
    const std::size_t after = wait_for_threads(before);
    if (after <= before) continue;
    trial.finding.fail("type \"" + type.type +
                       "\": threads left after close: " + std::to_string(after - before));
    return;
  }
}

void test_descriptors(Trial& trial) {
  constexpr int rounds = 3;
  for (const plugin::ActionType& type : trial.types()) {
    live_once(trial, type, true);  // a library may open something once, for ever
    const Descriptors before = open_descriptors();
    const auto until = Clock::now() + trial.times.loop;
    int done = 0;
    do {
      live_once(trial, type, true);
    } while (++done < rounds && Clock::now() < until);
    for (const auto& [fd, file] : open_descriptors()) {
      if (before.count(fd) != 0) continue;
      trial.finding.fail("type \"" + type.type + "\": " + describe_descriptor(fd) +
                         " is left open after close");
    }
  }
}

void test_memory(Trial& trial) {
  if (!counts_memory()) return trial.finding.skip("malloc does not count here");
  for (const plugin::ActionType& type : trial.types()) {
    expect_no_growth(trial, "type \"" + type.type + "\": ", "round from open to close",
                     [&] { live_once(trial, type, false); });
  }
}

void test_delivery_memory(Trial& trial) {
  if (!counts_memory()) return trial.finding.skip("malloc does not count here");
  for (const plugin::ActionType& type : trial.types()) {
    const auto session = Session::started(trial, type);
    if (session == nullptr) continue;
    BatchDouble& batch = session->batch(std::min(static_cast<std::uint32_t>(type.max_batch), 3U));
    expect_no_growth(trial, session->prefix(), "batch of " + std::to_string(batch.count()), [&] {
      batch.renew();
      session->deliver_here(batch);
    });
  }
}

}  // namespace observerd::check
