#include "observerd/plugin.hpp"

#include <memory>
#include <utility>

#include "common/http_module.hpp"
#include "common/pacer.hpp"
#include "common/settings.hpp"
#include "slack/answer.hpp"
#include "slack/message.hpp"
#include "slack/schema.hpp"
#include "slack/settings.hpp"

namespace observerd::slack {
namespace {

/// Slack takes one message a second in a channel, and short bursts.
constexpr Milliseconds kInterval{1'000};
constexpr int kBurst = 3;

class SlackAction final : public sdk::Action {
 public:
  explicit SlackAction(ActionSettings settings) : settings(std::move(settings)) {}
  const ActionSettings settings;
};

}  // namespace

/// Posts messages to Slack, by incoming webhooks or as a bot.
class SlackModule final : public common::HttpModule {
 public:
  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("slack", "Posts messages to Slack channels.")
        .module_schema(kModuleSchema)
        .action_schema(kActionSchema)
        .max_batch(16)
        .thread_safe(1)
        .async(256);
  }

  SlackModule(sdk::Host host, std::string_view settings, sdk::Errors& errors)
      : SlackModule(host, common::parse_settings(settings, errors).value_or(json::Value::object()),
                    errors) {}

  std::unique_ptr<sdk::Action> bind(std::string_view text, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    const auto parsed = common::parse_settings(text, errors);
    if (!parsed) return nullptr;
    ActionSettings action =
        parse_action(*parsed, slack_, settings().client.allow_http, common::into(errors));
    binding.lane_key(action.lane_key);
    binding.batch_key("slack");  // any may share a batch: each item is a request of its own
    return std::make_unique<SlackAction>(std::move(action));
  }

  bool probe(sdk::Action& action, sdk::Errors& errors) override {
    const ActionSettings& settings = static_cast<SlackAction&>(action).settings;
    if (settings.webhook) {
      return can_connect(settings.webhook->origin(), nullptr, "/webhook_url", errors);
    }
    auto request = api_request(slack_, "auth.test", "{}");
    const auto response = request ? ask(*std::move(request)) : std::nullopt;
    if (!response) {
      errors.add("", "the HTTP client could not be started");
      return false;
    }
    const sdk::Result result = judge_api(*response, true, std::chrono::system_clock::now());
    if (result.outcome == OBSERVERD_DELIVERED) return true;
    errors.add("/channel", result.code + ": " + result.message);
    return false;
  }

 private:
  SlackModule(sdk::Host host, const json::Value& settings, sdk::Errors& errors)
      : HttpModule(host, settings, errors),
        slack_(parse_module(settings, this->settings().client.allow_http, common::into(errors))) {}

  std::variant<Prepared, sdk::Result> prepare(const sdk::Item& item) const override {
    const ActionSettings& action = item.action<SlackAction>().settings;
    auto built = build_message(action, slack_, item);
    if (auto* refused = std::get_if<sdk::Result>(&built)) return std::move(*refused);
    auto& post = std::get<Post>(built);
    auto meaning = [this, is_webhook = action.webhook.has_value(),
                    is_fixed = action.has_fixed_channel,
                    key = post.destination](const common::Response& response) {
      return judge(response, is_webhook, is_fixed, key);
    };
    return Prepared{std::move(post.request), std::move(meaning), std::move(post.destination)};
  }

  SteadyTime turn_of(const std::string& destination, SteadyTime deadline) override {
    return pacer_.turn(destination, std::chrono::steady_clock::now(), deadline);
  }

  sdk::Result judge(const common::Response& response, bool is_webhook, bool is_fixed,
                    const std::string& key) const {
    const WallTime now = std::chrono::system_clock::now();
    sdk::Result result =
        is_webhook ? judge_webhook(response, now) : judge_api(response, is_fixed, now);
    if (result.outcome == OBSERVERD_THROTTLED) {
      pacer_.hold(key, std::chrono::steady_clock::now() + result.retry_after);
    }
    if (result.code == "slack_unknown_error") host().count("unknown_errors_total");
    return result;
  }

  const ModuleSettings slack_;
  mutable common::Pacer pacer_{kInterval, kBurst};
};

}  // namespace observerd::slack

OBSERVERD_SDK_PLUGIN(0,
                     observerd::sdk::PluginInfo("slack", OBSERVERD_VERSION)
                         .description("Posts messages to Slack channels.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     observerd::slack::SlackModule);
