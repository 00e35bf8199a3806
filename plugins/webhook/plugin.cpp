#include "observerd/plugin.hpp"

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "common/classify.hpp"
#include "common/http_client.hpp"
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

json::Value parse_or_empty(std::string_view text, sdk::Errors& errors) {
  auto value = json::parse(text, Code::ActionSettings);
  if (!value) errors.add("", value.status().message());
  return value ? std::move(*value) : json::Value::object();
}

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
        settings_(common::parse_client_settings(parse_or_empty(settings, errors), into(errors))),
        defaults_{settings_.client.user_agent, settings_.client.allow_http} {}

  std::unique_ptr<sdk::Action> bind(std::string_view settings, sdk::Errors& errors,
                                    sdk::Binding& binding) override {
    ActionSettings action =
        parse_action(parse_or_empty(settings, errors), defaults_.allow_http, into(errors));
    binding.lane_key(action.origin.empty() ? "webhook" : action.origin);
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
      auto built = build_request(*action, item, defaults_, std::chrono::system_clock::now());
      if (auto* refused = std::get_if<sdk::Result>(&built)) {
        batch.report(i, *refused);
        continue;
      }
      const SteadyTime own_deadline =
          std::chrono::steady_clock::now() + action->timeout.value_or(settings_.timeout);
      jobs.push_back(make_job(std::get<common::Request>(std::move(built)),
                              std::min(item.deadline(), own_deadline), action,
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
    const auto response =
        client->perform(std::move(request), std::chrono::steady_clock::now() +
                                                settings.timeout.value_or(settings_.timeout));
    if (response.error == common::HttpError::None) return true;
    errors.add("/url", std::string(common::error_code(response.error)) + ": " + response.detail);
    return false;
  }

  void preview(const sdk::Item& item, sdk::Preview& preview) override {
    const auto built = build_request(*item.action<WebhookAction>().settings, item, defaults_,
                                     std::chrono::system_clock::now());
    if (const auto* refused = std::get_if<sdk::Result>(&built)) {
      preview.write(refused->code + ": " + refused->message);
    } else {
      preview.write(request_text(std::get<common::Request>(built)));
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
              if (response.new_connection) {
                host().observe("connect_seconds",
                               std::chrono::duration<double>(response.connect_time).count());
              }
              delivery->report(
                  common::classify(response, std::chrono::system_clock::now(), action->codes));
            }};
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
  const RequestDefaults defaults_;
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
