#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>

#include "observerd/sdk/batch.hpp"
#include "observerd/sdk/host.hpp"

/// The class that an author derives from. Part of plugin.hpp.
namespace observerd::sdk {

/// One opened action type: settings that all its actions share, connections, threads. A derived
/// class T has a public constructor T(Host, std::string_view settings_json, Errors&) (parse only;
/// no network) and a static constexpr TypeInfo info(). Overriding functions must be public.
/// Thread tags as in plugin.h: deliver and deliver_batch run one at a time unless thread_safe.
class Module {
 public:
  /// A derived class passes its own arguments on.
  Module(Host host, std::string_view /*settings*/, Errors& /*errors*/) : host_(host) {}
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  virtual ~Module() = default;

  /// Parses one action's settings, secrets resolved, templates not yet rendered; no network.
  /// Anything added to `errors` refuses the action, as nullptr does.
  virtual std::unique_ptr<Action> bind(std::string_view /*settings*/, Errors& /*errors*/,
                                       Binding& /*binding*/) {
    return std::make_unique<Action>();
  }
  /// May connect. False or an exception means failed; say why in the log.
  virtual bool start() { return true; }
  /// Delivers one item.
  virtual Result deliver(const Item& /*item*/) {
    return rejected("not_implemented", "the plugin has no deliver");
  }
  /// Delivers several items. The default hands them to deliver one by one.
  virtual void deliver_batch(Batch& batch) {
    for (std::uint32_t i = 0; i < batch.size(); ++i) deliver_one(batch, i);
  }
  /// Interrupts what runs, has it reported, joins own threads.
  virtual void stop() {}
  /// Can the destination be reached with these credentials? Changes nothing there. False or
  /// anything added to `errors` means no.
  virtual bool probe(Action& /*action*/, Errors& /*errors*/) { return true; }
  /// Writes what deliver would send, as text for a person. No network.
  virtual void preview(const Item& /*item*/, Preview& /*preview*/) {}

  /// For log, metrics and extensions.
  const Host& host() const { return host_; }

 private:
  void deliver_one(Batch& batch, std::uint32_t index) {
    try {
      const Item item = batch[index];
      batch.report(index, item.cancelled() ? sdk::cancelled() : deliver(item));
    } catch (const std::exception& e) {
      batch.report(index, retry("exception", e.what()));
    } catch (...) {
      batch.report(index, retry("exception", "an exception that is no std::exception"));
    }
  }
  Host host_;
};

}  // namespace observerd::sdk
