#pragma once

#include <cstdint>
#include <cstring>
#include <string>
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

/// What a plugin says of one action type, as plain values.
struct TypeFacts {
  std::string type, summary;
  std::string module_schema, action_schema;
  std::uint32_t flags = 0, max_batch = 0, max_concurrency = 0;
};

/// What a plugin says of itself, as plain values: they may come from another process.
struct PluginFacts {
  std::string name, version, description, license, vendor;
  std::vector<TypeFacts> types;
};

/// A plugin's table, checked and copied; `actions` in the order of `facts.types`.
struct PluginTable {
  PluginFacts facts;
  std::vector<observerd_action_type> actions;
};

/// Checks table against note, the action list, and each action type: required functions there, and
/// what check_facts checks. Errors are OB016; their message continues a sentence that starts with
/// the file's name.
Result<PluginTable> read_table(const observerd_plugin* theirs, const AbiNote& note);

/// Names there, at least one type, type syntax, no type twice, schemas parse, are objects and use
/// keywords that the host honours. Errors as those of read_table.
Status check_facts(const PluginFacts& facts);

/// The type as delivery sees it. The facts must have been checked.
ActionType describe(const TypeFacts& facts);

}  // namespace observerd::plugin
