#include "observerd/plugin.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/classify.hpp"
#include "common/http_client.hpp"
#include "common/http_metrics.hpp"
#include "common/settings.hpp"
#include "common/wire_request.hpp"
#include "webhook/request.hpp"
#include "webhook/schema.hpp"
#include "webhook/settings.hpp"

namespace observerd::webhook {
namespace {

constexpr std::chrono::seconds kProbeTimeout{10};

class WebhookAction final : public sdk::Action {
 public:
  explicit WebhookAction(ActionSettings settings)
      : settings(std::make_shared<const ActionSettings>(std::move(settings))) {}
  const std::shared_ptr<const ActionSettings> settings;
};

common::ProblemFn into(sdk::Errors& errors) {
  return [&errors](const std::string& pointer, const std::string& sentence) {
    errors.add(pointer, sentence);
  };
}

}  // namespace

/// Sends events to HTTP endpoints. Asynchronous: deliver_batch builds and signs the requests on the
/// host's thread and hands them to the client, whose own thread reports each.
class WebhookModule final : public sdk::Module {
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
      : Module(host, settings, errors),
        settings_(common::parse_client_settings(
            common::parse_settings(settings, errors).value_or(json::Value::object()),
            into(errors))) {}

  std::unique_ptr<sdk::Action> bind(std::string_view settings, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    const auto parsed = common::parse_settings(settings, errors);
    if (!parsed) return nullptr;
    ActionSettings action = parse_action(*parsed, settings_, into(errors));
    std::string lane = action.origin.empty() ? "webhook" : action.origin;
    // A certificate that is refused must not park those who show another one.
    if (action.route) lane += common::route_label(*action.route, settings_.client.route);
    binding.lane_key(lane);
    binding.batch_key("webhook");  // any may share a batch: each item is a request of its own
    return std::make_unique<WebhookAction>(std::move(action));
  }

  bool start() override { return client() != nullptr; }

  void deliver_batch(sdk::Batch& batch) override {
    common::HttpClient* client = this->client();
    if (client == nullptr) {
      batch.report_rest(sdk::retry("client_error", "the HTTP client could not be started"));
      return;
    }
    std::vector<common::HttpClient::Job> jobs;
    jobs.reserve(batch.size());
    for (std::uint32_t i = 0; i < batch.size(); ++i) {
      const sdk::Item item = batch[i];
      const auto& action = item.action<WebhookAction>().settings;
      auto built = build_request(*action, item, settings_.client.allow_http,
                                 std::chrono::system_clock::now());
      if (auto* refused = std::get_if<sdk::Result>(&built)) {
        batch.report(i, *refused);
        continue;
      }
      jobs.push_back(make_job(std::get<common::Request>(std::move(built)),
                              earliest(item.deadline()), action,
                              std::make_shared<sdk::Delivery>(batch.take(i))));
    }
    client->submit(std::move(jobs));
  }

  void stop() override {
    const std::lock_guard lock(mutex_);
    if (client_ != nullptr) client_->stop();
  }

  bool probe(sdk::Action& action, sdk::Errors& errors) override {
    const ActionSettings& settings = *static_cast<WebhookAction&>(action).settings;
    if (settings.origin.empty()) return true;  // known only when an event is there
    common::HttpClient* client = this->client();
    auto url = common::parse_url(settings.origin + "/");
    if (client == nullptr || !url) {
      errors.add("", "the HTTP client could not be started");
      return false;
    }
    common::Request request;
    request.url = std::move(*url);
    request.connect_only = true;
    request.route = settings.route;
    const auto response = client->perform(
        std::move(request), earliest(std::chrono::steady_clock::now() + kProbeTimeout));
    if (response.error == common::HttpError::None) return true;
    errors.add("/url", std::string(common::error_code(response.error)) + ": " + response.detail);
    return false;
  }

  void preview(const sdk::Item& item, sdk::Preview& preview) override {
    const auto built = build_request(*item.action<WebhookAction>().settings, item,
                                     settings_.client.allow_http, std::chrono::system_clock::now());
    if (const auto* refused = std::get_if<sdk::Result>(&built)) {
      preview.write(refused->code + ": " + refused->message);
    } else {
      preview.write(
          common::request_text(std::get<common::Request>(built), settings_.client.user_agent));
    }
  }

 private:
  common::HttpClient::Job make_job(common::Request request, SteadyTime deadline,
                                   std::shared_ptr<const ActionSettings> action,
                                   std::shared_ptr<sdk::Delivery> delivery) {
    request.cancelled = [delivery] { return delivery->cancelled(); };
    return {std::move(request), deadline,
            [this, action = std::move(action),
             delivery = std::move(delivery)](const common::Response& response) {
              common::count_request(host(), response);
              delivery->report(
                  common::classify(response, std::chrono::system_clock::now(), action->codes));
            }};
  }

  /// The host's deadline, or the module's own timeout where that is earlier.
  SteadyTime earliest(SteadyTime deadline) const {
    if (!settings_.timeout) return deadline;
    return std::min(deadline, std::chrono::steady_clock::now() + *settings_.timeout);
  }

  /// Started at first use: check and test bind actions without it. nullptr when that failed.
  common::HttpClient* client() {
    const std::lock_guard lock(mutex_);
    if (client_ != nullptr) return client_.get();
    auto created = common::HttpClient::create(settings_.client);
    if (created) {
      client_ = std::move(*created);
    } else {
      host().error(created.status().message());
    }
    return client_.get();
  }

  const common::ClientSettings settings_;
  std::mutex mutex_;
  std::unique_ptr<common::HttpClient> client_;
};

}  // namespace observerd::webhook

OBSERVERD_SDK_PLUGIN(0,
                     observerd::sdk::PluginInfo("webhook", OBSERVERD_VERSION)
                         .description("Delivers events to HTTP endpoints.")
                         .license("Apache-2.0")
                         .vendor("observerd"),
                     observerd::webhook::WebhookModule);
