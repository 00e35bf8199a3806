#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.hpp"

namespace observerd::plugin {

struct PluginFacts;  // see negotiation.hpp

/// Where a plugin's code runs.
enum class Isolation : unsigned char {
  InProcess,  ///< in this process, with all its rights
  Process,    ///< in runner processes: see RunnerState
};
std::string_view isolation_name(Isolation isolation);  ///< "in-process", "process"

/// Where plugins may come from and what is demanded of them. Names are file stems or action types;
/// a type also means every file whose stem suggests it.
struct Policy {
  std::vector<std::string> directories;          ///< absolute
  std::vector<std::string> trusted_directories;  ///< count as packaged: see Entry::trusted
  /// By name. Where it says nothing, what is trusted runs in this process, and everything else in
  /// one of its own.
  std::map<std::string, Isolation> isolation;
  /// The program of runner processes and its arguments; without one nothing can be isolated.
  std::vector<std::string> runner_command;
  std::uint64_t runner_memory_bytes = std::uint64_t{512} << 20;  ///< that a runner may allocate
  /// By name, hex. A file that a pin may mean is compared before any of its code runs in this
  /// process: at once where the stem suggests the name, else when a runner has told its types.
  std::map<std::string, std::string> sha256;
};

/// "observerd-webhook", "libwebhook" and "webhook" are all likely to hold "webhook".
bool stem_suggests(std::string_view stem, std::string_view name);

/// What the configuration says of a file, before anything is known but its name.
std::optional<Isolation> isolation_by_stem(const Policy& policy, std::string_view stem);
/// And once its types are known: what any of them must not do in this process, none of them does.
std::optional<Isolation> isolation_by_types(const Policy& policy, const PluginFacts& facts);

/// OB016 when a pin that the stem suggests is of another file.
Status check_pins_of_stem(const Policy& policy, const std::filesystem::path& file,
                          const std::string& sha256);
/// OB016 when another file is pinned for the action type.
Status check_pin_of_type(const Policy& policy, const std::string& type,
                         const std::filesystem::path& file, const std::string& sha256);
/// Whether some type of the file may be pinned to another file, which its stem does not tell.
bool types_may_be_pinned(const Policy& policy, std::string_view stem, const std::string& sha256);

}  // namespace observerd::plugin
