#include "common/http_module.hpp"

#include <future>
#include <mutex>
#include <optional>
#include <utility>

#include "common/http_metrics.hpp"
#include "common/wire_request.hpp"

namespace observerd::common {
namespace {

/// For what no item's deadline bounds.
constexpr std::chrono::seconds kPatience{20};

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

SteadyTime HttpModule::turn_of(const std::string& /*destination*/, SteadyTime /*deadline*/) {
  return SteadyTime();
}

/// One request on its way, and what its answer is for.
struct HttpModule::Flight {
  Prepared prepared;
  SteadyTime deadline{};
  SteadyTime not_before{};
  std::function<bool()> cancelled;
  std::function<void(const sdk::Result&)> report;

  std::mutex mutex;                    // guards the rest, which is for requests with a token only
  std::string authorization;           // as it was sent
  std::optional<sdk::Result> refusal;  // instead of a token
  bool is_renewed = false;
};

void HttpModule::deliver_batch(sdk::Batch& batch) {
  if (client() == nullptr) {
    report_no_client(batch);
    return;
  }
  std::vector<std::shared_ptr<Flight>> flights;
  flights.reserve(batch.size());
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
    const auto delivery = std::make_shared<sdk::Delivery>(batch.take(i));
    auto flight = std::make_shared<Flight>();
    flight->prepared = std::get<Prepared>(std::move(prepared));
    flight->deadline = deadline;
    flight->not_before = turn;
    flight->cancelled = [delivery] { return delivery->cancelled(); };
    flight->report = [delivery](const sdk::Result& result) { delivery->report(result); };
    flights.push_back(std::move(flight));
  }
  send(flights);
}

void HttpModule::send(const std::vector<std::shared_ptr<Flight>>& flights) {
  std::vector<HttpClient::Job> jobs;
  jobs.reserve(flights.size());
  for (const auto& flight : flights) jobs.push_back(make_job(flight));
  HttpClient::Ticket ticket = client()->submit(std::move(jobs));
  for (const auto& flight : flights) {
    if (flight->prepared.token != nullptr) await_token(flight, ticket);
    ++ticket;
  }
}

HttpClient::Job HttpModule::make_job(const std::shared_ptr<Flight>& flight) {
  Prepared& prepared = flight->prepared;
  const bool needs_token = prepared.token != nullptr;
  // What may have to be sent again is kept.
  Request request = needs_token ? prepared.request : std::move(prepared.request);
  request.cancelled = flight->cancelled;
  return {std::move(request), flight->deadline,
          [this, flight](const Response& response) { answered(flight, response); },
          flight->not_before, needs_token};
}

void HttpModule::await_token(const std::shared_ptr<Flight>& flight, HttpClient::Ticket ticket) {
  flight->prepared.token->use([this, flight, ticket](const TokenCache::Answer& answer) {
    const auto* header = std::get_if<std::string>(&answer);
    {
      const std::lock_guard lock(flight->mutex);
      if (header != nullptr) {
        flight->authorization = *header;
      } else {
        flight->refusal = std::get<sdk::Result>(answer);
      }
    }
    if (header != nullptr) {
      client()->release(ticket, {{"Authorization", *header}});
    } else {
      client()->cancel(ticket);
    }
  });
}

void HttpModule::answered(const std::shared_ptr<Flight>& flight, const Response& response) {
  const Prepared& prepared = flight->prepared;
  if (prepared.token != nullptr) {
    std::unique_lock lock(flight->mutex);
    if (flight->refusal) {
      const sdk::Result refusal = *flight->refusal;
      lock.unlock();
      flight->report(refusal);
      return;
    }
    if (!flight->is_renewed && prepared.token->is_refusal(response) &&
        prepared.token->renew(flight->authorization)) {
      flight->is_renewed = true;
      lock.unlock();
      count_request(host(), response);
      send({flight});
      return;
    }
  }
  count_request(host(), response);
  flight->report(prepared.meaning(response));
}

sdk::Result HttpModule::try_now(Prepared prepared) {
  if (client() == nullptr) {
    return sdk::retry("client_error", "the HTTP client could not be started");
  }
  std::promise<sdk::Result> promise;
  auto flight = std::make_shared<Flight>();
  flight->prepared = std::move(prepared);
  flight->deadline = earliest(now() + kPatience);
  flight->report = [&promise](const sdk::Result& result) { promise.set_value(result); };
  send({std::move(flight)});
  return promise.get_future().get();
}

void HttpModule::send(Request request, HttpClient::Callback callback) {
  HttpClient* const client = this->client();
  if (client != nullptr) {
    client->submit(std::move(request), earliest(now() + kPatience), std::move(callback));
    return;
  }
  Response response;
  response.error = HttpError::Internal;
  response.detail = "the HTTP client could not be started";
  callback(std::move(response));
}

void HttpModule::preview(const sdk::Item& item, sdk::Preview& preview) {
  auto prepared = prepare(item);
  if (const auto* refused = std::get_if<sdk::Result>(&prepared)) {
    preview.write(refused->code + ": " + refused->message);
    return;
  }
  auto& [request, meaning, destination, token, unveil] = std::get<Prepared>(prepared);
  if (token != nullptr) request.headers.emplace_back("Authorization", token->shown());
  if (unveil) unveil(request);
  preview.write(request_text(request, settings().client.user_agent));
}

}  // namespace observerd::common
