#pragma once

#include <cstdint>

#include "observerd/plugin.h"

/// What an author writes down about a plugin and its action types. Part of plugin.hpp.
namespace observerd::sdk {

/// One action type's name, schemas and limits. All texts must have static storage.
class TypeInfo {
 public:
  /// The type as configurations name it ([a-z][a-z0-9_-]{0,31}), and one sentence about it.
  constexpr TypeInfo(const char* type, const char* summary) {
    table_.struct_size = sizeof table_;
    table_.type = type;
    table_.summary = summary;
    table_.module_schema = no_settings;
    table_.action_schema = no_settings;
    table_.max_batch = 1;
    table_.max_concurrency = 1;
  }

  /// JSON Schemas; without one there are no settings. See plugin.h for x-secret, x-template,
  /// x-lane.
  constexpr TypeInfo module_schema(const char* schema) const {
    TypeInfo copy = *this;
    copy.table_.module_schema = schema;
    return copy;
  }
  /// As module_schema, of the settings of one action.
  constexpr TypeInfo action_schema(const char* schema) const {
    TypeInfo copy = *this;
    copy.table_.action_schema = schema;
    return copy;
  }
  /// At most so many items in one deliver_batch.
  constexpr TypeInfo max_batch(std::uint32_t items) const {
    TypeInfo copy = *this;
    copy.table_.max_batch = items;
    return copy;
  }
  /// deliver may run so many times at once on one module.
  constexpr TypeInfo thread_safe(std::uint32_t max_concurrency) const {
    TypeInfo copy = *this;
    copy.table_.flags |= OBSERVERD_THREAD_SAFE;
    copy.table_.max_concurrency = max_concurrency;
    return copy;
  }
  /// deliver_batch returns at once and takes its items; at most so many batches are unreported.
  /// deliver_batch itself still runs one at a time unless the type is thread_safe too.
  constexpr TypeInfo async(std::uint32_t max_batches) const {
    TypeInfo copy = *this;
    copy.table_.flags |= OBSERVERD_ASYNC;
    copy.table_.max_concurrency = max_batches;
    return copy;
  }

  /// The table of the C ABI, its functions still missing.
  constexpr const observerd_action_type& table() const { return table_; }

 private:
  static constexpr const char* no_settings = R"({"type":"object","additionalProperties":false})";
  observerd_action_type table_{};
};

/// The plugin's own card: what `observerd plugins list` shows. All texts must have static storage.
class PluginInfo {
 public:
  /// Name and version for people.
  constexpr PluginInfo(const char* name, const char* version) {
    table_.struct_size = sizeof table_;
    table_.abi_minor = OBSERVERD_ABI_MINOR;
    table_.name = name;
    table_.version = version;
    table_.description = "";
    table_.license = "";
    table_.vendor = "";
  }
  /// One sentence.
  constexpr PluginInfo description(const char* text) const {
    PluginInfo copy = *this;
    copy.table_.description = text;
    return copy;
  }
  /// An SPDX expression.
  constexpr PluginInfo license(const char* text) const {
    PluginInfo copy = *this;
    copy.table_.license = text;
    return copy;
  }
  /// Who answers for it.
  constexpr PluginInfo vendor(const char* text) const {
    PluginInfo copy = *this;
    copy.table_.vendor = text;
    return copy;
  }

  /// The table of the C ABI, its actions still missing.
  constexpr const observerd_plugin& table() const { return table_; }

 private:
  observerd_plugin table_{};
};

}  // namespace observerd::sdk
