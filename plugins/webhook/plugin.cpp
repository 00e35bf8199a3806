#include "observerd/plugin.hpp"

#include <memory>
#include <utility>

#include "common/classify.hpp"
#include "common/http_module.hpp"
#include "common/settings.hpp"
#include "webhook/request.hpp"
#include "webhook/schema.hpp"
#include "webhook/settings.hpp"

namespace observerd::webhook {
namespace {

class WebhookAction final : public sdk::Action {
 public:
  explicit WebhookAction(ActionSettings settings)
      : settings(std::make_shared<const ActionSettings>(std::move(settings))) {}
  const std::shared_ptr<const ActionSettings> settings;
};

}  // namespace

/// Sends events to HTTP endpoints.
class WebhookModule final : public common::HttpModule {
 public:
  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("webhook", "Sends events to HTTP endpoints, signed if you wish.")
        .module_schema(kModuleSchema)
        .action_schema(kActionSchema)
        .max_batch(64)
        .thread_safe(1)
        .async(1024);
  }

  WebhookModule(sdk::Host host, std::string_view settings, sdk::Errors& errors)
      : HttpModule(host, common::parse_settings(settings, errors).value_or(json::Value::object()),
                   errors) {}

  std::unique_ptr<sdk::Action> bind(std::string_view text, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    const auto parsed = common::parse_settings(text, errors);
    if (!parsed) return nullptr;
    ActionSettings action = parse_action(*parsed, settings(), common::into(errors));
    std::string lane = action.origin.empty() ? "webhook" : action.origin;
    // A certificate that is refused must not park those who show another one.
    if (action.route) lane += common::route_label(*action.route, settings().client.route);
    binding.lane_key(lane);
    binding.batch_key("webhook");  // any may share a batch: each item is a request of its own
    return std::make_unique<WebhookAction>(std::move(action));
  }

  bool probe(sdk::Action& action, sdk::Errors& errors) override {
    const ActionSettings& settings = *static_cast<WebhookAction&>(action).settings;
    if (settings.origin.empty()) return true;  // known only when an event is there
    return can_connect(settings.origin, settings.route, "/url", errors);
  }

 private:
  std::variant<Prepared, sdk::Result> prepare(const sdk::Item& item) const override {
    const auto& action = item.action<WebhookAction>().settings;
    auto built = build_request(*action, item, settings().client.allow_http,
                               std::chrono::system_clock::now());
    if (auto* refused = std::get_if<sdk::Result>(&built)) return std::move(*refused);
    return Prepared{
        std::get<common::Request>(std::move(built)), [action](const common::Response& response) {
          return common::classify(response, std::chrono::system_clock::now(), action->codes);
        }};
  }
};

}  // namespace observerd::webhook

OBSERVERD_SDK_PLUGIN(0,
                     observerd::sdk::PluginInfo("webhook", OBSERVERD_VERSION)
                         .description("Delivers events to HTTP endpoints.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     observerd::webhook::WebhookModule);
