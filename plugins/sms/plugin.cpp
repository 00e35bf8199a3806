#include "observerd/plugin.hpp"

#include <memory>
#include <utility>

#include "common/http_module.hpp"
#include "common/recent_deliveries.hpp"
#include "common/settings.hpp"
#include "sms/message.hpp"
#include "sms/provider.hpp"
#include "sms/schema.hpp"

namespace observerd::sms {
namespace {

constexpr std::chrono::hours kWindow{24};

class SmsAction final : public sdk::Action {
 public:
  explicit SmsAction(Message message) : message(std::move(message)) {}
  const Message message;  ///< as configured: templates not rendered
};

/// A message that the provider has taken.
struct Sent {
  SteadyTime remembered_until;
  std::string remote_id;
};

/// Whether it stays open if the provider has taken the message.
bool is_unknown(const sdk::Result& result, const common::Response& response) {
  if (result.outcome != OBSERVERD_RETRY) return false;
  switch (response.error) {
    case common::HttpError::Reset:
    case common::HttpError::Timeout:
    case common::HttpError::Malformed:
    case common::HttpError::Truncated:
      return true;
    case common::HttpError::None:
      return response.status >= 500 && response.status != 503;
    default:
      return false;
  }
}

}  // namespace

/// Sends text messages through a provider.
class SmsModule final : public common::HttpModule {
 public:
  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("sms", "Sends text messages to phones.")
        .module_schema(kModuleSchema)
        .action_schema(kActionSchema)
        .max_batch(32)
        .thread_safe(1)
        .async(256);
  }

  SmsModule(sdk::Host host, std::string_view settings, sdk::Errors& errors)
      : SmsModule(host, common::parse_settings(settings, errors).value_or(json::Value::object()),
                  errors) {}

  std::unique_ptr<sdk::Action> bind(std::string_view text, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    const auto parsed = common::parse_settings(text, errors);
    if (!parsed) return nullptr;
    Message message;
    message.to = parsed->string_or("to");
    message.from = parsed->string_or("from", from_);
    message.text = parsed->string_or("message");
    message.status_callback = parsed->string_or("status_callback");
    if (parsed->find("ttl") != nullptr) {
      const Milliseconds ttl =
          common::read_duration(*parsed, "ttl", Milliseconds(0), common::into(errors));
      message.ttl_seconds = std::chrono::duration_cast<std::chrono::seconds>(ttl).count();
    }
    if (!common::is_template(message.to) && !is_e164(message.to)) {
      errors.add("/to", "is no number in E.164 form, such as +4915112345678");
    }
    if (message.from.empty() && needs_sender_) {
      errors.add("/from", "somebody must send it: set it here or in the module's settings");
    }
    binding.lane_key(provider_->origin());
    binding.batch_key("sms");  // any may share a batch: each item is a request of its own
    return std::make_unique<SmsAction>(std::move(message));
  }

  bool probe(sdk::Action& /*action*/, sdk::Errors& errors) override {
    return can_connect(provider_->origin(), nullptr, "", errors);
  }

 private:
  SmsModule(sdk::Host host, const json::Value& settings, sdk::Errors& errors)
      : HttpModule(host, settings, errors),
        provider_(
            make_provider(settings, this->settings().client.allow_http, common::into(errors))),
        from_(settings.string_or("from")),
        needs_sender_(settings.string_or("provider", "twilio") != "sns" &&
                      settings.string_or("provider", "twilio") != "http"),
        gives_up_unknown_(settings.string_or("unknown_outcome") == "dead_letter"),
        window_(settings.string_or("idempotency_window").starts_with('0')
                    ? Milliseconds(0)
                    : common::read_duration(settings, "idempotency_window", kWindow,
                                            common::into(errors))) {}

  std::variant<Prepared, sdk::Result> prepare(const sdk::Item& item) const override {
    const auto sent = sent_.find(item.delivery_id());
    if (sent && std::chrono::steady_clock::now() < sent->remembered_until) {
      host().count("repeats_total");
      return sdk::delivered(sent->remote_id);
    }
    const auto rendered = json::parse(item.settings(), Code::ActionSettings);
    if (!rendered) return sdk::rejected("bad_settings", "the rendered settings are not JSON");
    Message message = item.action<SmsAction>().message;
    message.to = rendered->string_or("to", message.to);
    message.from = rendered->string_or("from", message.from);
    message.text = rendered->string_or("message", message.text);
    message.id = item.delivery_id();
    if (!is_e164(message.to)) {
      return sdk::rejected("sms_bad_number", "the receiver is no number in E.164 form");
    }
    if (message.text.empty()) return sdk::rejected("sms_no_text", "the message is empty");
    const int segments = count_segments(message.text).count;
    return Prepared{provider_->request(message),
                    [this, segments, id = message.id](const common::Response& response) {
                      return judge(response, id, segments);
                    }};
  }

  sdk::Result judge(const common::Response& response, const std::string& id, int segments) const {
    sdk::Result result = provider_->judge(response, std::chrono::system_clock::now());
    if (result.outcome == OBSERVERD_DELIVERED) {
      host().count("segments_total", segments);
      if (window_.count() > 0) {
        sent_.remember(id, [&](Sent& sent) {
          sent = {std::chrono::steady_clock::now() + window_, result.remote_id};
        });
      }
    }
    if (gives_up_unknown_ && is_unknown(result, response)) {
      return sdk::rejected(
          "sms_unknown_outcome",
          "it is open whether the message was sent, so it is not sent again: " + result.message);
    }
    return result;
  }

  const std::unique_ptr<const Provider> provider_;
  const std::string from_;
  const bool needs_sender_;
  const bool gives_up_unknown_;
  const Milliseconds window_;
  mutable common::RecentDeliveries<Sent> sent_{65'536};
};

}  // namespace observerd::sms

OBSERVERD_SDK_PLUGIN(0,
                     observerd::sdk::PluginInfo("sms", OBSERVERD_VERSION)
                         .description("Sends text messages to phones.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     observerd::sms::SmsModule);
