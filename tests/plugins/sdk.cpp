// Everything of plugin.hpp that is not asynchronous: three types in one plugin.
#include <observerd/plugin.hpp>

#include <stdexcept>

namespace sdk = observerd::sdk;

namespace {

constexpr const char* any = R"({"type":"object"})";

bool has(std::string_view text, std::string_view word) {
  return text.find(word) != std::string_view::npos;
}

struct Target final : sdk::Action {
  explicit Target(std::string_view text) : settings(text) {}
  std::string settings;
};

// One item at a time; the settings of the item name the outcome.
class One final : public sdk::Module {
 public:
  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("sdk-one", "A fixture.")
        .module_schema(any)
        .action_schema(any)
        .max_batch(16);
  }

  One(sdk::Host host, std::string_view settings, sdk::Errors& errors)
      : Module(host, settings, errors) {
    if (has(settings, "refuse")) errors.add("/refuse", "is refused");
    if (has(settings, "throw")) throw std::runtime_error("open threw");
  }

  std::unique_ptr<sdk::Action> bind(std::string_view settings, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    if (has(settings, "refuse")) errors.add("/refuse", "is refused");
    if (has(settings, "throw")) throw std::runtime_error("bind threw");
    if (has(settings, "null")) return nullptr;
    binding.lane_key("lane");
    binding.batch_key("batch");
    return std::make_unique<Target>(settings);
  }

  sdk::Result deliver(const sdk::Item& item) override {
    const std::string_view what = item.settings();
    host().count("items", 1, {{"what", "one"}});
    host().gauge("remaining", static_cast<double>(item.remaining().count()));
    host().observe("attempt", item.attempt());
    if (has(what, "throw_int")) throw 42;
    if (has(what, "throw")) throw std::runtime_error("deliver threw");
    if (has(what, "retry")) return sdk::retry("later", "come back").after(std::chrono::seconds(2));
    if (has(what, "throttled")) return sdk::throttled(std::chrono::seconds(3));
    if (has(what, "rejected")) return sdk::rejected("no", "never");
    if (has(what, "unavailable")) return sdk::unavailable("down", "is down");
    if (has(what, "misconfigured")) return sdk::misconfigured("key", "is wrong");
    if (has(what, "gone")) return sdk::gone("gone", "is no more");
    return sdk::delivered(item.action<Target>().settings + " " + std::to_string(item.order()) +
                          " " + std::string(item.trace_parent()) + " " +
                          std::to_string(item.created().time_since_epoch().count()));
  }

  bool probe(sdk::Action& action, sdk::Errors& errors) override {
    if (has(static_cast<Target&>(action).settings, "unreachable")) {
      errors.add("/url", "cannot be reached");
    }
    if (has(static_cast<Target&>(action).settings, "explode"))
      throw std::runtime_error("probe threw");
    return true;
  }

  void preview(const sdk::Item& item, sdk::Preview& preview) override {
    if (has(item.settings(), "throw")) throw std::runtime_error("preview threw");
    preview.write("preview of ");
    preview.write(item.settings());
    if (item.cancelled() || item.cancel_fd() != -1) preview.write(" with a batch");
  }
};

// A batch at a time: reports the first item twice, forgets the second, or throws after the first.
class Many final : public sdk::Module {
 public:
  using Module::Module;
  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("sdk-many", "A fixture.").action_schema(any).max_batch(8).thread_safe(4);
  }
  bool start() override { throw std::runtime_error("start threw"); }
  void stop() override { throw std::runtime_error("stop threw"); }
  void deliver_batch(sdk::Batch& batch) override {
    const bool throws = has(batch[0].settings(), "throw");
    batch.report(0, sdk::delivered());
    batch.report(0, sdk::rejected("twice", "is ignored"));
    batch.report(99, sdk::delivered());
    sdk::Delivery none = batch.take(0);
    none.report(sdk::rejected("twice", "is ignored too"));
    if (throws) throw std::runtime_error("batch threw");
  }
};

// Overrides nothing but deliver.
class Least final : public sdk::Module {
 public:
  using Module::Module;
  static constexpr sdk::TypeInfo info() { return sdk::TypeInfo("sdk-least", "A fixture."); }
  sdk::Result deliver(const sdk::Item&) override { return sdk::delivered(); }
};

}  // namespace

OBSERVERD_SDK_PLUGIN(0,
                     sdk::PluginInfo("sdk", "3.2.1")
                         .description("Fixtures on plugin.hpp.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     One, Many, Least);
