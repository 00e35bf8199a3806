#include "artefact.hpp"

#include <chrono>
#include <csignal>
#include <stdexcept>

namespace observerd::testing {
namespace fs = std::filesystem;

fs::path artefact(const std::string& name) {
  fs::path file = fs::path(OBSERVERD_BUILD_DIR) / "tests/sdk" / name;
  if (fs::exists(file)) return file;
  throw std::runtime_error(file.string() +
                           " is not there: run `ctest -R '^(sdk[.]|Sdk)'`, which builds it");
}

void drop_in(const Installation& installation, const fs::path& plugin) {
  const fs::path to = installation.directory() / "plugins" / plugin.filename();
  const fs::path beside = to.string() + ".new";
  fs::copy_file(plugin, beside);
  fs::permissions(beside, fs::perms(0644));
  fs::rename(beside, to);
}

void reload(const Daemon& daemon) {
  const auto reloads = [&] {
    const std::string log = daemon.log();
    std::size_t count = 0;
    for (std::size_t at = 0; (at = log.find("was reloaded", at)) != std::string::npos; ++at)
      ++count;
    return count;
  };
  const std::size_t before = reloads();
  daemon.signal(SIGHUP);
  if (!eventually([&] { return reloads() > before; })) {
    throw std::runtime_error("observerd does not reload; its log:\n" + daemon.log());
  }
}

}  // namespace observerd::testing
