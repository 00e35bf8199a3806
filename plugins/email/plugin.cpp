#include "observerd/plugin.hpp"

#include <memory>
#include <utility>

#include "common/http_module.hpp"
#include "common/settings.hpp"
#include "email/build.hpp"
#include "email/postman.hpp"
#include "email/schema.hpp"
#include "email/settings.hpp"

namespace observerd::email {
namespace {

class EmailAction final : public sdk::Action {
 public:
  explicit EmailAction(ActionSettings settings) : settings(std::move(settings)) {}
  const ActionSettings settings;
};

}  // namespace

/// Sends mail through one server.
class EmailModule final : public sdk::Module {
 public:
  static constexpr sdk::TypeInfo info() {
    return sdk::TypeInfo("email", "Sends email through an SMTP server.")
        .module_schema(kModuleSchema)
        .action_schema(kActionSchema)
        .thread_safe(32);
  }

  EmailModule(sdk::Host host, std::string_view settings, sdk::Errors& errors)
      : Module(host, settings, errors),
        settings_(
            parse_module(common::parse_settings(settings, errors).value_or(json::Value::object()),
                         common::into(errors))),
        postman_(host, settings_) {}

  std::unique_ptr<sdk::Action> bind(std::string_view text, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    const auto parsed = common::parse_settings(text, errors);
    if (!parsed) return nullptr;
    ActionSettings action = parse_action(*parsed, settings_, common::into(errors));
    binding.lane_key(settings_.server.origin());
    return std::make_unique<EmailAction>(std::move(action));
  }

  bool start() override { return postman_.start(); }
  void stop() override { postman_.stop(); }

  sdk::Result deliver(const sdk::Item& item) override {
    const ActionSettings& action = item.action<EmailAction>().settings;
    const auto built = build_mail(action, settings_, item, std::chrono::system_clock::now());
    if (const auto* refused = std::get_if<sdk::Result>(&built)) return *refused;
    return postman_.deliver(std::get<Mail>(built), item, action.has_fixed_sender);
  }

  bool probe(sdk::Action& /*action*/, sdk::Errors& errors) override {
    const sdk::Result result = postman_.greet();
    if (result.outcome == OBSERVERD_DELIVERED) return true;
    errors.add("", result.code + ": " + result.message);
    return false;
  }

  void preview(const sdk::Item& item, sdk::Preview& preview) override {
    const auto built = build_mail(item.action<EmailAction>().settings, settings_, item,
                                  std::chrono::system_clock::now());
    if (const auto* refused = std::get_if<sdk::Result>(&built)) {
      preview.write(refused->code + ": " + refused->message);
      return;
    }
    const Mail& mail = std::get<Mail>(built);
    preview.write(settings_.server.origin() + "\r\nMAIL FROM:<" + mail.sender + ">\r\n");
    for (const auto& recipient : mail.recipients) preview.write("RCPT TO:<" + recipient + ">\r\n");
    preview.write("\r\n" + mail.text);
  }

 private:
  const ModuleSettings settings_;
  Postman postman_;
};

}  // namespace observerd::email

OBSERVERD_SDK_PLUGIN(0,
                     observerd::sdk::PluginInfo("email", OBSERVERD_VERSION)
                         .description("Sends email through an SMTP server.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     observerd::email::EmailModule);
