#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/status.hpp"
#include "observerd/plugin.h"
#include "plugin/candidate.hpp"
#include "plugin/negotiation.hpp"
#include "plugin/registry.hpp"

namespace observerd::check {

/// Opens and reads a file without running any of it. Errors say with its name why it cannot be
/// examined: no such file, not a regular one, no ELF file, another architecture, no note. Unlike
/// the host it does not ask who may write the file: it is looked at where it is built.
Result<plugin::Candidate> open_file(const std::string& path);

/// A loaded plugin.
struct Loaded {
  observerd_plugin_entry_fn entry = nullptr;
  const observerd_plugin* table = nullptr;
  bool text_relocations = false;
};

/// Loads the file as the host does, once in this process.
class Loader {
 public:
  explicit Loader(const plugin::Candidate& file) : file_(file) {}

  Result<Loaded> load();
  /// Its code is in this process, even where load failed: its entry function is to blame then.
  bool is_mapped();
  /// Its action types, as the host sees them; after a table that is sound.
  Result<std::vector<plugin::ActionType>> types();

 private:
  const plugin::Candidate& file_;
  std::optional<Result<Loaded>> loaded_;
  bool mapped_ = false;
  std::optional<plugin::PluginTable> table_;
};

}  // namespace observerd::check
