#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/status.hpp"
#include "observerd/plugin.h"
#include "plugin/module.hpp"
#include "plugin/policy.hpp"

namespace observerd::plugin {

enum class State : unsigned char { Loaded, Faulty };

/// A runner process: one for each open module of an isolated plugin.
struct RunnerState {
  std::string type;            ///< the action type whose module it holds
  pid_t pid = 0;               ///< 0 while there is none: it died and starts again soon
  std::uint64_t restarts = 0;  ///< how often it was started again
  std::string last_error;      ///< why it ended the last time; "" when it never did
};

/// One plugin file, loaded or not.
struct Entry {
  State state = State::Faulty;
  std::filesystem::path path;
  std::string stem;  ///< file name without ".so": what a faulty plugin is known by
  std::string name, version, description, license, vendor;
  int abi_major = 0, abi_minor = 0, min_host_minor = 0;  ///< from the note, when it was readable
  std::string sha256;
  Status reason;  ///< OB016 when faulty: path, reason, what would help
  std::vector<std::string> types;
  bool trusted = false;  ///< lies in one of the trusted directories
  Isolation isolation = Isolation::InProcess;
  /// The file is no longer the one that this process loaded from here: its code waits for a
  /// restart.
  bool restart_needed = false;
};

struct RunnerProgram;

/// One action type that a loaded plugin provides. Lives as long as the registry.
struct ActionType {
  /// A zero-filled copy of ours, never the plugin's; nullptr when the plugin is isolated.
  const observerd_action_type* table = nullptr;
  std::shared_ptr<const RunnerProgram> runner;  ///< nullptr unless the plugin is isolated
  std::string type, summary;
  json::Value module_schema, action_schema;
  std::string module_schema_text, action_schema_text;
  int max_batch = 1, max_concurrency = 1;
  bool thread_safe = false, async = false;
  const Entry* entry = nullptr;
  std::shared_ptr<std::mutex> setup;  ///< serialises the [setup] calls of the library
};

/// Whether two registries mean the same code by a type. In this process a file that was replaced on
/// disk counts only after a restart, so its type stays what it was; in a runner it counts at once.
bool is_same_code(const ActionType& one, const ActionType& other);

/// Finds, checks and loads plugins. After load() it is read-only and thread-safe.
class Registry {
 public:
  /// Looks at every *.so of every directory, in name order. Never fails as a whole: a file that
  /// cannot be used becomes a faulty entry with its reason; a directory that is missing is a
  /// warning. No code of a file runs before path policy, digest, ELF note and exports are checked.
  /// A file that was seen already (by device and inode) is passed over. From here on the process
  /// ignores SIGPIPE.
  static std::unique_ptr<Registry> load(const Policy& policy, HostServices& services,
                                        Diagnostics& diagnostics);
  /// The verdict on one file without running any of it: everything up to the load. State Loaded
  /// then says that nothing speaks against loading it.
  static Entry inspect(const std::filesystem::path& file, const Policy& policy);

  const std::vector<std::unique_ptr<Entry>>& entries() const { return entries_; }
  /// nullptr when no loaded plugin provides it.
  const ActionType* find(const std::string& type) const;
  /// The faulty entry that most likely would have provided it (by file stem or note), or nullptr.
  const Entry* find_faulty(const std::string& type) const;
  /// Whether a policy of that name means anything: an action type, or what a file's stem suggests.
  bool means_plugin(const std::string& name) const;
  std::vector<std::string> type_names() const;
  /// The runner processes of that plugin's open modules; none when it is not isolated.
  std::vector<RunnerState> runners(const Entry& entry) const;

 private:
  friend class RegistryLoader;
  std::vector<std::unique_ptr<Entry>> entries_;
  std::map<std::string, std::unique_ptr<ActionType>> types_;
  std::vector<std::unique_ptr<observerd_action_type>> tables_;
};

}  // namespace observerd::plugin
