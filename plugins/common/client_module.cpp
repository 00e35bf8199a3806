#include "common/client_module.hpp"

#include <algorithm>
#include <utility>

#include "common/url.hpp"

namespace observerd::common {
namespace {

constexpr std::chrono::seconds kProbeTimeout{10};

}  // namespace

ProblemFn into(sdk::Errors& errors) {
  return [&errors](const std::string& pointer, const std::string& sentence) {
    errors.add(pointer, sentence);
  };
}

ClientModule::ClientModule(sdk::Host host, const json::Value& settings, sdk::Errors& errors)
    : Module(host, "", errors), settings_(parse_client_settings(settings, into(errors))) {}

bool ClientModule::start() {
  return client() != nullptr;
}

void ClientModule::stop() {
  HttpClient* client = nullptr;
  {
    const std::lock_guard lock(mutex_);
    client = client_.get();
  }
  if (client != nullptr) client->stop();  // outside the lock: callbacks may ask for the client
}

HttpClient* ClientModule::client() {
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

void ClientModule::report_no_client(sdk::Batch& batch) {
  batch.report_rest(sdk::retry("client_error", "the HTTP client could not be started"));
}

SteadyTime ClientModule::earliest(SteadyTime deadline) const {
  if (!settings_.timeout) return deadline;
  return std::min(deadline, std::chrono::steady_clock::now() + *settings_.timeout);
}

bool ClientModule::can_connect(const std::string& origin, std::shared_ptr<const Route> route,
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

std::optional<Response> ClientModule::ask(Request request) {
  HttpClient* const client = this->client();
  if (client == nullptr) return std::nullopt;
  return client->perform(std::move(request),
                         earliest(std::chrono::steady_clock::now() + kProbeTimeout));
}

}  // namespace observerd::common
