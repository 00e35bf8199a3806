#pragma once

#include <cstring>
#include <vector>

#include "base/status.hpp"
#include "observerd/plugin.h"
#include "plugin/elf_note.hpp"
#include "plugin/registry.hpp"

namespace observerd::plugin {

/// A struct of the plugin as far as both sides know it, the rest zero: what an older plugin has
/// not, reads as absent; what a newer one has more, is not looked at.
template <typename Struct>
Struct copy_struct(const Struct* theirs) {
  Struct ours{};
  std::memcpy(static_cast<void*>(&ours), theirs,
              theirs->struct_size < sizeof ours ? theirs->struct_size : sizeof ours);
  return ours;
}

/// A plugin's table, checked and copied.
struct PluginTable {
  observerd_plugin plugin{};
  std::vector<observerd_action_type> actions;
};

/// Checks table against note, the action list, and each action type: required functions there,
/// type syntax, no type twice, schemas parse, are objects and use keywords that the host honours.
/// Errors are OB016; their message continues a sentence that starts with the file's name.
Result<PluginTable> read_table(const observerd_plugin* theirs, const AbiNote& note);

/// The type as delivery sees it; `table` stays the caller's. The schemas must have been checked.
ActionType describe(const observerd_action_type& table);

}  // namespace observerd::plugin
