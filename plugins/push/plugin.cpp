#include "observerd/plugin.hpp"

#include <memory>
#include <utility>

#include "common/http_module.hpp"
#include "common/settings.hpp"
#include "push/message.hpp"
#include "push/provider.hpp"
#include "push/schema.hpp"

namespace observerd::push {
namespace {

class PushAction final : public sdk::Action {
 public:
  explicit PushAction(json::Value settings)
      : settings(std::move(settings)),
        is_topic_fixed(!common::is_template(this->settings.string_or("topic"))) {}
  const json::Value settings;  ///< as configured: templates not rendered
  const bool is_topic_fixed;
};

}  // namespace

/// Sends messages to devices through a provider.
class PushModule final : public common::HttpModule {
 public:
  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("push", "Sends push messages to phones and browsers.")
        .module_schema(kModuleSchema)
        .action_schema(kActionSchema)
        .max_batch(64)
        .thread_safe(1)
        .async(256);
  }

  PushModule(sdk::Host host, std::string_view settings, sdk::Errors& errors)
      : PushModule(host, common::parse_settings(settings, errors).value_or(json::Value::object()),
                   errors) {}
  /// A token may be on its way: its answer needs what is below.
  ~PushModule() override { stop(); }

  std::unique_ptr<sdk::Action> bind(std::string_view text, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    auto parsed = common::parse_settings(text, errors);
    if (!parsed) return nullptr;
    const Message message = read_message(*parsed, common::into(errors));
    const bool is_empty =
        !message.has_text() && message.data.members().empty() && message.options.members().empty();
    if (is_empty) errors.add("", "there is nothing to send: set title, body or data");
    provider_->check(*parsed, message, common::into(errors));
    binding.lane_key(provider_->lane());
    binding.batch_key("push");  // any may share a batch: each item is a request of its own
    return std::make_unique<PushAction>(*std::move(parsed));
  }

  bool probe(sdk::Action& /*action*/, sdk::Errors& errors) override {
    auto request = provider_->probe();
    if (!request) {
      const std::string origin = provider_->lane();
      return origin.find("://") == std::string::npos || can_connect(origin, nullptr, "", errors);
    }
    const sdk::Result result = try_now(*std::move(request));
    if (result.outcome == OBSERVERD_DELIVERED) return true;
    errors.add("", result.code + ": " + result.message);
    return false;
  }

 private:
  PushModule(sdk::Host host, const json::Value& settings, sdk::Errors& errors)
      : HttpModule(host, settings, errors),
        provider_(make_provider(settings, provider_host(), common::into(errors))) {}

  ProviderHost provider_host() {
    return {settings().client.allow_http,
            [this](common::Request request, std::function<void(common::Response)> answer) {
              host().count("token_requests_total");
              send(std::move(request), std::move(answer));
            },
            &clock_};
  }

  std::variant<Prepared, sdk::Result> prepare(const sdk::Item& item) const override {
    const auto& action = item.action<PushAction>();
    auto message = message_of(action.settings, item, clock_.now());
    if (auto* refused = std::get_if<sdk::Result>(&message)) return std::move(*refused);
    std::get<Message>(message).is_topic_fixed = action.is_topic_fixed;
    return provider_->prepare(std::get<Message>(message));
  }

  const SystemClock clock_;
  const std::unique_ptr<const Provider> provider_;
};

}  // namespace observerd::push

OBSERVERD_SDK_PLUGIN(0,
                     observerd::sdk::PluginInfo("push", OBSERVERD_VERSION)
                         .description("Sends push messages to phones and browsers.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     observerd::push::PushModule);
