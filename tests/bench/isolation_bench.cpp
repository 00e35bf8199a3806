// What a process of its own costs a plugin: the plugin "null" here and in a runner, side by side.
// The runner is the observerd of this build directory.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "plugin/module.hpp"
#include "plugin/registry.hpp"

namespace {

using namespace observerd;

class NoServices final : public plugin::HostServices {
 public:
  bool log_enabled(std::string_view, int) override { return false; }
  void log(std::string_view, int, std::string_view, const Fields&) override {}
  void metric(std::string_view, int, std::string_view, double, const Fields&) override {}
};

/// A module of the plugin "null" with one action.
struct Null {
  explicit Null(bool isolated) {
    plugin::Policy policy;
    policy.directories = {OBSERVERD_BUILD_DIR "/plugins"};
    policy.trusted_directories = policy.directories;
    policy.runner_command = {OBSERVERD_BUILD_DIR "/bin/observerd", "plugin-runner"};
    if (isolated) policy.isolation["null"] = plugin::Isolation::Process;
    registry = plugin::Registry::load(policy, services, diagnostics);
    const plugin::ActionType* type = registry->find("null");
    if (type != nullptr) module = plugin::open_module(*type, "{}", services, diagnostics);
    if (module != nullptr) action = module->bind("{}", diagnostics);
    if (action == nullptr) throw std::runtime_error("the plugin null cannot be used");
  }

  /// Hands over a batch and waits for its last report.
  void deliver(std::size_t count) {
    std::vector<plugin::Item> items(count);
    for (std::size_t i = 0; i < count; ++i) {
      items[i].action = action.get();
      items[i].delivery_id = std::to_string(i);
      items[i].event_json = event;
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    const auto call = module->deliver(std::move(items), deadline, [](std::uint32_t, auto) {});
    if (!call->finished()) throw std::runtime_error("null is no longer synchronous");
  }

  NoServices services;
  Diagnostics diagnostics;
  std::unique_ptr<plugin::Registry> registry;
  std::unique_ptr<plugin::Module> module;
  std::unique_ptr<plugin::BoundAction> action;
  const std::shared_ptr<const std::string> event =
      std::make_shared<const std::string>(std::string(1024, 'x'));
};

/// Kilobytes of a line such as "RssAnon:" in /proc/PID/status.
double kilobytes(pid_t pid, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  double value = 0;
  while (status >> word) {
    if (word == name && status >> value) return value;
  }
  return 0;
}

void deliver(benchmark::State& state, bool isolated) {
  Null null(isolated);
  const auto batch = static_cast<std::size_t>(state.range(0));
  for (auto _ : state) null.deliver(batch);
  state.SetItemsProcessed(state.iterations() * state.range(0));
  if (!isolated) return;
  for (const auto& entry : null.registry->entries()) {
    for (const plugin::RunnerState& runner : null.registry->runners(*entry)) {
      state.counters["rss_kib"] = kilobytes(runner.pid, "VmRSS:");
      state.counters["private_kib"] = kilobytes(runner.pid, "RssAnon:");
    }
  }
}

/// From nothing to a bound action, and back.
void open_and_close(benchmark::State& state) {
  Null null(true);
  const plugin::ActionType& type = *null.registry->find("null");
  for (auto _ : state) {
    Diagnostics diagnostics;
    const auto module = plugin::open_module(type, "{}", null.services, diagnostics);
    const auto action = module->bind("{}", diagnostics);
    benchmark::DoNotOptimize(action.get());
  }
}

BENCHMARK_CAPTURE(deliver, in_process, false)->Arg(1)->Arg(16)->Arg(256)->UseRealTime();
BENCHMARK_CAPTURE(deliver, in_a_runner, true)->Arg(1)->Arg(16)->Arg(256)->UseRealTime();
BENCHMARK(open_and_close)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
