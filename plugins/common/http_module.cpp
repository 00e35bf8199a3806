#include "common/http_module.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "common/http_metrics.hpp"
#include "common/url.hpp"
#include "common/wire_request.hpp"

namespace observerd::common {
namespace {

constexpr std::chrono::seconds kProbeTimeout{10};

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

ProblemFn into(sdk::Errors& errors) {
  return [&errors](const std::string& pointer, const std::string& sentence) {
    errors.add(pointer, sentence);
  };
}

HttpModule::HttpModule(sdk::Host host, const json::Value& settings, sdk::Errors& errors)
    : Module(host, "", errors), settings_(parse_client_settings(settings, into(errors))) {}

SteadyTime HttpModule::turn_of(const std::string& /*destination*/, SteadyTime /*deadline*/) {
  return SteadyTime();
}

bool HttpModule::start() {
  return client() != nullptr;
}

void HttpModule::deliver_batch(sdk::Batch& batch) {
  HttpClient* const client = this->client();
  if (client == nullptr) {
    batch.report_rest(sdk::retry("client_error", "the HTTP client could not be started"));
    return;
  }
  std::vector<HttpClient::Job> jobs;
  jobs.reserve(batch.size());
  for (std::uint32_t i = 0; i < batch.size(); ++i) {
    const sdk::Item item = batch[i];
    auto prepared = prepare(item);
    if (const auto* refused = std::get_if<sdk::Result>(&prepared)) {
      batch.report(i, *refused);
      continue;
    }
    const SteadyTime deadline = earliest(item.deadline());
    const SteadyTime turn = turn_of(std::get<Prepared>(prepared).destination, deadline);
    if (turn >= deadline) {
      batch.report(i, sdk::throttled(std::chrono::ceil<Milliseconds>(turn - now()), "paced",
                                     "too many for the rate that this destination takes"));
      continue;
    }
    jobs.push_back(make_job(std::get<Prepared>(std::move(prepared)), deadline,
                            std::make_shared<sdk::Delivery>(batch.take(i))));
    jobs.back().not_before = turn;
  }
  client->submit(std::move(jobs));
}

HttpClient::Job HttpModule::make_job(Prepared prepared, SteadyTime deadline,
                                     std::shared_ptr<sdk::Delivery> delivery) {
  prepared.request.cancelled = [delivery] { return delivery->cancelled(); };
  return {std::move(prepared.request),
          deadline,
          [this, meaning = std::move(prepared.meaning),
           delivery = std::move(delivery)](const Response& response) {
            count_request(host(), response);
            delivery->report(meaning(response));
          },
          {}};
}

void HttpModule::stop() {
  const std::lock_guard lock(mutex_);
  if (client_ != nullptr) client_->stop();
}

void HttpModule::preview(const sdk::Item& item, sdk::Preview& preview) {
  const auto prepared = prepare(item);
  if (const auto* refused = std::get_if<sdk::Result>(&prepared)) {
    preview.write(refused->code + ": " + refused->message);
  } else {
    preview.write(request_text(std::get<Prepared>(prepared).request, settings_.client.user_agent));
  }
}

bool HttpModule::can_connect(const std::string& origin, std::shared_ptr<const Route> route,
                             const char* pointer, sdk::Errors& errors) {
  auto url = parse_url(origin + "/");
  if (!url) {
    errors.add(pointer, url.status().message());
    return false;
  }
  Request request;
  request.url = std::move(*url);
  request.connect_only = true;
  request.route = std::move(route);
  const auto response = ask(std::move(request));
  if (!response) {
    errors.add("", "the HTTP client could not be started");
    return false;
  }
  if (response->error == HttpError::None) return true;
  errors.add(pointer, std::string(error_code(response->error)) + ": " + response->detail);
  return false;
}

std::optional<Response> HttpModule::ask(Request request) {
  HttpClient* const client = this->client();
  if (client == nullptr) return std::nullopt;
  return client->perform(std::move(request), earliest(now() + kProbeTimeout));
}

/// The host's deadline, or the module's own timeout where that is earlier.
SteadyTime HttpModule::earliest(SteadyTime deadline) const {
  if (!settings_.timeout) return deadline;
  return std::min(deadline, now() + *settings_.timeout);
}

/// nullptr when it could not be started; the log says why.
HttpClient* HttpModule::client() {
  const std::lock_guard lock(mutex_);
  if (client_ != nullptr) return client_.get();
  auto created = HttpClient::create(settings_.client);
  if (created) {
    client_ = std::move(*created);
  } else {
    host().error(created.status().message());
  }
  return client_.get();
}

}  // namespace observerd::common
