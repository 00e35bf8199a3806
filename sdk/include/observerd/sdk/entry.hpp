#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "observerd/sdk/info.hpp"
#include "observerd/sdk/module.hpp"

/// The C entries of a plugin and its static tables, made from classes that derive from Module.
/// Part of plugin.hpp; nothing here is for authors.
namespace observerd::sdk::detail {

/// Runs `body`; what it throws is handed to `failed` as text. Nothing gets past it.
template <typename Body, typename Failed>
void guarded(const Body& body, const Failed& failed) noexcept {
  try {
    try {
      body();
    } catch (const std::exception& e) {
      failed(std::string_view(e.what()));
    } catch (...) {
      failed(std::string_view("an exception that is no std::exception"));
    }
  } catch (...) {  // even saying so failed (out of memory); the caller returns failure
  }
}

inline Module* to_module(observerd_module* raw) {
  return reinterpret_cast<Module*>(raw);
}
inline Action* to_action(observerd_action* raw) {
  return reinterpret_cast<Action*>(raw);
}

template <typename T>
struct Entry {
  static observerd_module* open(const observerd_host* host, observerd_str settings,
                                const observerd_errors* raw_errors) noexcept {
    Module* opened = nullptr;
    Errors errors(raw_errors);
    guarded(
        [&] {
          auto module = std::make_unique<T>(Host(host), to_view(settings), errors);
          if (errors.ok()) opened = module.release();
        },
        [&](std::string_view what) { errors.add("", what); });
    return reinterpret_cast<observerd_module*>(opened);
  }

  static observerd_action* bind(observerd_module* module, observerd_str settings,
                                const observerd_errors* raw_errors,
                                const observerd_binding* raw_binding) noexcept {
    Action* bound = nullptr;
    Errors errors(raw_errors);
    guarded(
        [&] {
          Binding binding(raw_binding);
          auto action = to_module(module)->bind(to_view(settings), errors, binding);
          if (action == nullptr && errors.ok()) errors.add("", "the plugin refused the settings");
          if (errors.ok()) bound = action.release();
        },
        [&](std::string_view what) { errors.add("", what); });
    return reinterpret_cast<observerd_action*>(bound);
  }

  static std::int32_t start(observerd_module* raw) noexcept {
    Module* module = to_module(raw);
    bool started = false;
    guarded([&] { started = module->start(); },
            [&](std::string_view what) {
              module->host().error(what, {{"in", "start"}});
            });
    return started ? 0 : 1;
  }

  static void deliver(observerd_module* module, const observerd_batch* raw) noexcept {
    guarded(
        [&] {
          Batch batch(raw);
          guarded(
              [&] {
                to_module(module)->deliver_batch(batch);
                batch.report_rest(not_reported());
              },
              [&](std::string_view what) {
                batch.report_rest(retry("exception", std::string(what)));
              });
        },
        [](std::string_view) {});  // no memory for the Batch: the host sees nothing reported
  }

  static void stop(observerd_module* raw) noexcept {
    Module* module = to_module(raw);
    guarded([&] { module->stop(); },
            [&](std::string_view what) {
              module->host().error(what, {{"in", "stop"}});
            });
  }

  static void unbind(observerd_module*, observerd_action* action) noexcept {
    delete to_action(action);
  }
  static void close(observerd_module* module) noexcept { delete to_module(module); }

  static std::int32_t probe(observerd_module* module, observerd_action* action,
                            const observerd_errors* raw_errors) noexcept {
    bool reached = false;
    Errors errors(raw_errors);
    guarded([&] { reached = to_module(module)->probe(*to_action(action), errors) && errors.ok(); },
            [&](std::string_view what) { errors.add("", what); });
    return reached ? 0 : 1;
  }

  static void preview(observerd_module* raw, const observerd_item* raw_item,
                      const observerd_preview* raw_preview) noexcept {
    Module* module = to_module(raw);
    guarded(
        [&] {
          const Item item(nullptr, raw_item);
          Preview preview(raw_preview);
          module->preview(item, preview);
        },
        [&](std::string_view what) {
          module->host().error(what, {{"in", "preview"}});
        });
  }
};

/// A function that a class does not override still has the base's pointer type.
template <typename Pointer>
constexpr bool is_overridden(Pointer) {
  return true;
}
template <typename Return, typename... Args>
constexpr bool is_overridden(Return (Module::*)(Args...)) {
  return false;
}

template <typename T>
constexpr observerd_action_type action_type() {
  static_assert(std::is_base_of_v<Module, T>, "an action type derives from sdk::Module");
  constexpr bool one = is_overridden(&T::deliver);
  constexpr bool many = is_overridden(&T::deliver_batch);
  static_assert(one || many, "override deliver or deliver_batch");
  constexpr TypeInfo info = T::info();
  static_assert(many || (info.table().flags & OBSERVERD_ASYNC) == 0,
                "an asynchronous type overrides deliver_batch");
  observerd_action_type table = info.table();
  table.open = &Entry<T>::open;
  table.bind = &Entry<T>::bind;
  table.start = &Entry<T>::start;
  table.deliver = &Entry<T>::deliver;
  table.stop = &Entry<T>::stop;
  table.unbind = &Entry<T>::unbind;
  table.close = &Entry<T>::close;
  if constexpr (is_overridden(&T::probe)) table.probe = &Entry<T>::probe;
  if constexpr (is_overridden(&T::preview)) table.preview = &Entry<T>::preview;
  return table;
}

template <typename... Types>
constexpr std::array<observerd_action_type, sizeof...(Types)> action_types() {
  static_assert(sizeof...(Types) > 0, "a plugin has at least one action type");
  return {action_type<Types>()...};
}

template <std::size_t Count, std::size_t... Index>
constexpr std::array<const observerd_action_type*, Count> pointers(
    const std::array<observerd_action_type, Count>& types, std::index_sequence<Index...>) {
  return {&types[Index]...};
}
template <std::size_t Count>
constexpr std::array<const observerd_action_type*, Count> pointers(
    const std::array<observerd_action_type, Count>& types) {
  return pointers(types, std::make_index_sequence<Count>());
}

template <std::size_t Count>
constexpr observerd_plugin plugin_table(
    const PluginInfo& info, std::uint32_t min_host_minor,
    const std::array<const observerd_action_type*, Count>& actions) {
  observerd_plugin table = info.table();
  table.min_host_minor = min_host_minor;
  table.actions = actions.data();
  table.action_count = static_cast<std::uint32_t>(Count);
  return table;
}

}  // namespace observerd::sdk::detail
