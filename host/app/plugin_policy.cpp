#include "app/plugin_policy.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "app/session.hpp"

namespace observerd::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPackagedPlugins = "/usr/lib/observerd/plugins-1";
constexpr const char* kProgram = "observerd";

/// The plugins that were built with this program, when it runs where it was built.
std::optional<std::string> plugins_of_build_tree() {
  const fs::path build = binary_directory().parent_path();
  std::error_code error;
  if (!fs::exists(build / "CMakeCache.txt", error)) return std::nullopt;
  return (build / "plugins").string();
}

plugin::Isolation to_isolation(config::Isolation isolation) {
  return isolation == config::Isolation::Process ? plugin::Isolation::Process
                                                 : plugin::Isolation::InProcess;
}

}  // namespace

std::string own_program() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const std::string name = self.filename().string();
  if (name == kProgram || name.rfind(std::string(kProgram) + " ", 0) == 0) return "/proc/self/exe";
  return (binary_directory() / kProgram).string();
}

plugin::Policy plugin_policy(const config::Settings& settings) {
  const config::PluginSettings& plugins = settings.plugins;
  plugin::Policy policy;
  policy.directories = plugins.directories;
  policy.trusted_directories = plugins.trusted_directories;
  policy.trusted_directories.emplace_back(kPackagedPlugins);
  if (auto built = plugins_of_build_tree()) {
    policy.trusted_directories.push_back(*std::move(built));
  }
  policy.sha256 = plugins.sha256;
  for (const auto& [name, isolation] : plugins.isolation) {
    policy.isolation[name] = to_isolation(isolation);
  }
  policy.runner_command = {own_program(), kPluginRunnerCommand};
  policy.runner_memory_bytes = static_cast<std::uint64_t>(plugins.runner_memory);
  return policy;
}

}  // namespace observerd::app
