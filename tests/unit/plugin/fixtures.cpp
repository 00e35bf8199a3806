#include "unit/plugin/fixtures.hpp"

#include <sys/stat.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <utility>

namespace observerd::plugin {

namespace fs = std::filesystem;

TempDirectory::TempDirectory() {
  std::string name = "/tmp/observerd-plugin-XXXXXX";
  path_ = ::mkdtemp(name.data());
}

TempDirectory::~TempDirectory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

fs::path TempDirectory::add_fixture(const std::string& name, const std::string& as) {
  return write((as.empty() ? name : as) + ".so", read_file(fixture_path(name)));
}

fs::path TempDirectory::write(const std::string& name, const std::string& bytes) {
  const fs::path file = path_ / name;
  std::ofstream(file, std::ios::binary) << bytes;
  ::chmod(file.c_str(), 0644);
  return file;
}

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

fs::path fixture_path(const std::string& name) {
  return fs::path(OBSERVERD_BUILD_DIR) / "tests" / "plugins" / (name + ".so");
}

bool RecordingServices::log_enabled(std::string_view, int level) {
  return level >= least_level;
}

void RecordingServices::log(std::string_view type, int level, std::string_view message,
                            const Fields& fields) {
  if (on_log) on_log();
  std::string line = std::to_string(level) + " " + std::string(type) + ": " + std::string(message);
  for (const auto& [key, value] : fields) {
    line += " " + std::string(key) + "=" + std::string(value);
  }
  const std::lock_guard lock(mutex_);
  lines_.push_back(std::move(line));
}

void RecordingServices::metric(std::string_view, int, std::string_view name, double value,
                               const Fields& labels) {
  std::string key(name);
  for (const auto& label : labels) key += "/" + std::string(label.second);
  const std::lock_guard lock(mutex_);
  metrics_[key] += value;
}

std::vector<std::string> RecordingServices::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

bool RecordingServices::said(const std::string& part) const {
  for (const std::string& line : lines()) {
    if (line.find(part) != std::string::npos) return true;
  }
  return false;
}

double RecordingServices::metric_sum(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = metrics_.find(name);
  return found == metrics_.end() ? 0 : found->second;
}

ReportFn Results::report() {
  return [this](std::uint32_t index, ItemResult result) {
    const std::lock_guard lock(mutex_);
    results_[index].push_back(std::move(result));
    ++reports_;
    changed_.notify_all();
  };
}

bool Results::wait_for(std::size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return reports_ >= count; });
}

std::size_t Results::reports() const {
  const std::lock_guard lock(mutex_);
  return reports_;
}

std::size_t Results::reports_of(std::uint32_t index) const {
  const std::lock_guard lock(mutex_);
  const auto found = results_.find(index);
  return found == results_.end() ? 0 : found->second.size();
}

ItemResult Results::of(std::uint32_t index) const {
  const std::lock_guard lock(mutex_);
  const auto found = results_.find(index);
  return found == results_.end() ? ItemResult{} : found->second.front();
}

Opened::Opened(const std::string& fixture, const std::string& type,
               const std::string& module_settings) {
  directory.add_fixture(fixture);
  registry = load(directory, services, opened_isolation);
  const ActionType* found = registry->find(type.empty() ? fixture : type);
  if (found == nullptr) {
    ADD_FAILURE() << fixture << ": " << registry->entries().at(0)->reason.to_string();
    return;
  }
  module = open_module(*found, module_settings, services, diagnostics);
  if (module != nullptr) action = module->bind("{}", diagnostics);
}

Item Opened::item(const std::string& settings_json, const std::string& id) const {
  Item item;
  item.action = action.get();
  item.delivery_id = id;
  item.order = 7;
  item.event_json = std::make_shared<const std::string>(R"({"kind":"insert"})");
  item.settings_json = std::make_shared<const std::string>(settings_json);
  item.trace_parent = "00-trace";
  item.created_ns = 1000;
  return item;
}

std::vector<Item> Opened::items(std::size_t count) const {
  return std::vector<Item>(count, item());
}

std::shared_ptr<Call> Opened::deliver(std::vector<Item> items, const StartedFn& started) {
  return module->deliver(std::move(items),
                         std::chrono::steady_clock::now() + std::chrono::seconds(30),
                         results.report(), started);
}

std::string isolation_suffix(const ::testing::TestParamInfo<Isolation>& info) {
  return info.param == Isolation::Process ? "InARunner" : "Here";
}

Policy policy_for(const TempDirectory& directory, Isolation isolation) {
  Policy policy;
  policy.directories = {directory.path().string()};
  if (isolation == Isolation::InProcess) policy.trusted_directories = policy.directories;
  policy.runner_command = {"/proc/self/exe", runner_argument};
  return policy;
}

std::unique_ptr<Registry> load(const TempDirectory& directory, HostServices& services,
                               Isolation isolation) {
  Diagnostics diagnostics;
  auto registry = Registry::load(policy_for(directory, isolation), services, diagnostics);
  for (const Status& warning : diagnostics.warnings()) ADD_FAILURE() << warning.to_string();
  return registry;
}

std::string fault_of(const TempDirectory& directory, Isolation isolation) {
  RecordingServices services;
  const auto registry = load(directory, services, isolation);
  if (registry->entries().size() != 1) return "not one entry";
  const Entry& entry = *registry->entries().front();
  return entry.state == State::Loaded ? "" : entry.reason.to_string();
}

}  // namespace observerd::plugin
