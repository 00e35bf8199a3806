#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plugin/module.hpp"
#include "plugin/registry.hpp"

namespace observerd::plugin {

/// By which this test program is the runner of a plugin: see main.cpp.
inline constexpr const char* runner_argument = "plugin-runner";

/// A private directory that satisfies the path policy whatever the umask is.
class TempDirectory {
 public:
  TempDirectory();
  ~TempDirectory();
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  /// Copies tests/plugins/NAME.so of the build here, as AS.so.
  std::filesystem::path add_fixture(const std::string& name, const std::string& as = "");
  std::filesystem::path write(const std::string& name, const std::string& bytes);

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);
std::filesystem::path fixture_path(const std::string& name);

/// Remembers what plugins say. Thread-safe.
class RecordingServices final : public HostServices {
 public:
  bool log_enabled(std::string_view type, int level) override;
  void log(std::string_view type, int level, std::string_view message,
           const Fields& fields) override;
  void metric(std::string_view type, int kind, std::string_view name, double value,
              const Fields& labels) override;

  /// Each line as "LEVEL type: message key=value …".
  std::vector<std::string> lines() const;
  bool said(const std::string& part) const;
  /// The sum of a metric's values, its labels' values appended: "misbehaved_total/reported_twice".
  double metric_sum(const std::string& name) const;
  /// Called by log, before anything else: what makes a plugin that logs hang.
  std::function<void()> on_log;
  int least_level = 0;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
  std::map<std::string, double> metrics_;
};

/// Collects one call's results and counts the reports of each index. Thread-safe.
class Results {
 public:
  ReportFn report();
  /// Waits for `count` reports, 10 s at most.
  bool wait_for(std::size_t count) const;
  std::size_t reports() const;
  std::size_t reports_of(std::uint32_t index) const;
  ItemResult of(std::uint32_t index) const;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::uint32_t, std::vector<ItemResult>> results_;
  std::size_t reports_ = 0;
};

/// Where Opened has its fixture run.
inline Isolation opened_isolation = Isolation::InProcess;

/// For tests that must pass wherever the plugin runs.
class InBothWays : public ::testing::TestWithParam<Isolation> {
 protected:
  InBothWays() { opened_isolation = GetParam(); }
  ~InBothWays() override { opened_isolation = Isolation::InProcess; }
};
std::string isolation_suffix(const ::testing::TestParamInfo<Isolation>& info);
#define OBSERVERD_IN_BOTH_WAYS(suite)                                                            \
  INSTANTIATE_TEST_SUITE_P(, suite, ::testing::Values(Isolation::InProcess, Isolation::Process), \
                           isolation_suffix)

/// One fixture, loaded, opened and with one bound action.
class Opened {
 public:
  explicit Opened(const std::string& fixture, const std::string& type = "",
                  const std::string& module_settings = "{}");

  Item item(const std::string& settings_json = "{}", const std::string& id = "id") const;
  std::vector<Item> items(std::size_t count) const;
  std::shared_ptr<Call> deliver(std::vector<Item> items, const StartedFn& started = {});

  TempDirectory directory;
  RecordingServices services;
  Diagnostics diagnostics;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<Module> module;
  std::unique_ptr<BoundAction> action;
  Results results;
};

/// All of a directory's plugins run there; this program is the runner.
Policy policy_for(const TempDirectory& directory, Isolation isolation = Isolation::InProcess);
std::unique_ptr<Registry> load(const TempDirectory& directory, HostServices& services,
                               Isolation isolation = Isolation::InProcess);
/// The reason why the only plugin of a directory is faulty, as a user sees it; "" when it is not.
std::string fault_of(const TempDirectory& directory, Isolation isolation = Isolation::InProcess);

}  // namespace observerd::plugin
