#pragma once

/// C++17 on top of the C ABI of plugin.h; header-only, standard library only.
///
/// An author derives from Module and overrides deliver (one item, synchronously) or deliver_batch
/// (several items, or asynchronously); everything else has a default. No exception leaves a plugin:
/// each C entry catches, an exception in deliver becomes RETRY with the code "exception", one in
/// open, bind or probe becomes an error message. Settings arrive as JSON text that the host has
/// validated against the schemas: Settings reads them by type, Json reads any of it, and Pool keeps
/// connections.
///
///   namespace sdk = observerd::sdk;
///   class Hello final : public sdk::Module {
///    public:
///     using Module::Module;
///     static constexpr sdk::TypeInfo info() {
///       return sdk::TypeInfo("hello", "Writes each event to the log.");
///     }
///     sdk::Result deliver(const sdk::Item& item) override {
///       host().info("hello", {{"event", item.event()}});
///       return sdk::delivered();
///     }
///   };
///   OBSERVERD_SDK_PLUGIN(0, sdk::PluginInfo("hello", "1.0.0").license("Apache-2.0"), Hello);
///
/// Every std::string_view of this header points into memory of the host and lives as long as the
/// object it came from may be used: during the call; for a Delivery until it is reported.

#include "observerd/plugin.h"
#include "observerd/sdk/batch.hpp"
#include "observerd/sdk/entry.hpp"
#include "observerd/sdk/host.hpp"
#include "observerd/sdk/info.hpp"
#include "observerd/sdk/json.hpp"
#include "observerd/sdk/module.hpp"
#include "observerd/sdk/pool.hpp"
#include "observerd/sdk/result.hpp"
#include "observerd/sdk/settings.hpp"

/// Once per plugin, at file scope: OBSERVERD_SDK_PLUGIN(min_host_minor, PluginInfo, Module…).
/// `min_host_minor` is a literal number: hosts with an older minor refuse the plugin.
#define OBSERVERD_SDK_PLUGIN(min_host_minor, info, ...)                                      \
  namespace {                                                                                \
  constexpr auto observerd_sdk_types = observerd::sdk::detail::action_types<__VA_ARGS__>();  \
  constexpr auto observerd_sdk_list = observerd::sdk::detail::pointers(observerd_sdk_types); \
  constexpr observerd_plugin observerd_sdk_table =                                           \
      observerd::sdk::detail::plugin_table(info, min_host_minor, observerd_sdk_list);        \
  }                                                                                          \
  OBSERVERD_PLUGIN(observerd_sdk_table, min_host_minor)
