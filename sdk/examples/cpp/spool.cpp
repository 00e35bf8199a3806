#include "../spooling.hpp"

namespace {

namespace sdk = observerd::sdk;

/// Appends a line for each event. Keeps nothing but what bind has made, so it is thread-safe.
class Spool final : public example::Spooling {
 public:
  using Spooling::Spooling;

  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("spool_cpp", "Appends a line for each event to a file.")
        .action_schema(example::action_schema)
        .thread_safe(4);
  }

  sdk::Result deliver(const sdk::Item& item) override {
    const std::string line = example::line_of(item);
    if (example::is_broken(line)) return sdk::rejected("broken_line", "a line end in the line");
    return example::append(item.action<example::Target>().file, line, false);
  }
};

}  // namespace

OBSERVERD_SDK_PLUGIN(0, sdk::PluginInfo("spool_cpp", "1.0.0").license("Apache-2.0"), Spool);
