#include "observerd/plugin.hpp"

#include <poll.h>

#include <array>
#include <charconv>
#include <memory>
#include <string>

#include "base/json.hpp"
#include "common/settings.hpp"

namespace observerd::null {
namespace {

constexpr const char* action_schema = R"({
  "type": "object",
  "additionalProperties": false,
  "properties": {
    "outcome": {
      "description": "What to report for each event.",
      "enum": ["delivered", "retry", "throttled", "rejected", "unavailable", "misconfigured",
               "gone"],
      "default": "delivered"
    },
    "delay_ms": {
      "description": "How long each batch takes, in milliseconds.",
      "type": "integer", "minimum": 0, "maximum": 600000, "default": 0
    },
    "retry_after_ms": {
      "description": "The time that \"retry\" and \"throttled\" ask for, in milliseconds.",
      "type": "integer", "minimum": 0, "maximum": 86400000, "default": 0
    }
  }
})";

struct OutcomeName {
  std::string_view name;
  std::int32_t outcome;
};
constexpr std::array<OutcomeName, 7> outcomes = {{
    {"delivered", OBSERVERD_DELIVERED},
    {"retry", OBSERVERD_RETRY},
    {"throttled", OBSERVERD_THROTTLED},
    {"rejected", OBSERVERD_REJECTED},
    {"unavailable", OBSERVERD_UNAVAILABLE},
    {"misconfigured", OBSERVERD_MISCONFIGURED},
    {"gone", OBSERVERD_GONE},
}};

struct NullAction final : sdk::Action {
  sdk::Result result;
  std::chrono::milliseconds delay{0};
};

/// The schema has made sure that the member, where it is there, is an integer in range.
std::chrono::milliseconds milliseconds(const json::Value& settings, std::string_view name) {
  std::int64_t count = 0;
  if (const json::Value* value = settings.find(name); value != nullptr && value->is_number()) {
    const std::string& text = value->text();
    std::from_chars(text.data(), text.data() + text.size(), count);
  }
  return std::chrono::milliseconds(count);
}

/// Sends nothing anywhere and reports what the settings say. Thread-safe: no state.
class NullModule final : public sdk::Module {
 public:
  using Module::Module;

  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("null", "Sends nothing and reports what its settings say.")
        .action_schema(action_schema)
        .max_batch(256)
        .thread_safe(64);
  }

  std::unique_ptr<sdk::Action> bind(std::string_view settings_json, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    const auto settings = common::parse_settings(settings_json, errors);
    if (!settings) return nullptr;
    auto action = std::make_unique<NullAction>();
    const std::string name = settings->string_or("outcome", "delivered");
    bool known = false;
    for (const OutcomeName& outcome : outcomes) {
      if (outcome.name != name) continue;
      known = true;
      action->result.outcome = outcome.outcome;
    }
    if (!known) errors.add("/outcome", "is no outcome");
    if (action->result.outcome != OBSERVERD_DELIVERED) {
      action->result.code = "null_" + name;
      action->result.message = "as configured";
    }
    action->delay = milliseconds(*settings, "delay_ms");
    action->result.retry_after = milliseconds(*settings, "retry_after_ms");
    // Only equal actions share a batch, so that one wait is right for all of it.
    binding.batch_key(name + "/" + std::to_string(action->delay.count()) + "/" +
                      std::to_string(action->result.retry_after.count()));
    return action;
  }

  void deliver_batch(sdk::Batch& batch) override {
    const auto delay = batch[0].action<NullAction>().delay;
    if (delay.count() > 0) {
      pollfd cancelled{batch.cancel_fd(), POLLIN, 0};
      ::poll(&cancelled, 1, static_cast<int>(delay.count()));
    }
    if (batch.cancelled()) {
      batch.report_rest(sdk::cancelled());
      return;
    }
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      batch.report(i, batch[i].action<NullAction>().result);
    }
  }

  void preview(const sdk::Item& item, sdk::Preview& preview) override {
    preview.write("nothing would be sent for " + std::string(item.delivery_id()) + "\n");
  }
};

}  // namespace
}  // namespace observerd::null

OBSERVERD_SDK_PLUGIN(0,
                     observerd::sdk::PluginInfo("null", OBSERVERD_VERSION)
                         .description("Sends nothing: for tests, benchmarks and dry runs.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     observerd::null::NullModule);
