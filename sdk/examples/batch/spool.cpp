#include "../spooling.hpp"

namespace {

namespace sdk = observerd::sdk;

/// Appends the lines of a whole batch with one write.
class Spool final : public example::Spooling {
 public:
  using Spooling::Spooling;

  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("spool_batch", "Appends lines to a file, many with one write.")
        .action_schema(example::action_schema)
        .max_batch(64);
  }

  void deliver_batch(sdk::Batch& batch) override {
    if (batch.cancelled()) {
      batch.report_rest(sdk::cancelled());
      return;
    }
    const std::string file = batch[0].action<example::Target>().file;
    std::string lines;
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const std::string line = example::line_of(batch[i]);
      if (example::is_broken(line)) {
        batch.report(i, sdk::rejected("broken_line", "a line end in the line"));
      } else {
        lines += line;
      }
    }
    // What was rejected keeps its own result.
    if (!lines.empty()) batch.report_rest(example::append(file, lines, false));
  }
};

}  // namespace

OBSERVERD_SDK_PLUGIN(0, sdk::PluginInfo("spool_batch", "1.0.0").license("Apache-2.0"), Spool);
