#include "common/http_module.hpp"

#include <utility>
#include <vector>

#include "common/http_metrics.hpp"
#include "common/wire_request.hpp"

namespace observerd::common {
namespace {

SteadyTime now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

SteadyTime HttpModule::turn_of(const std::string& /*destination*/, SteadyTime /*deadline*/) {
  return SteadyTime();
}

void HttpModule::deliver_batch(sdk::Batch& batch) {
  HttpClient* const client = this->client();
  if (client == nullptr) {
    report_no_client(batch);
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

void HttpModule::preview(const sdk::Item& item, sdk::Preview& preview) {
  const auto prepared = prepare(item);
  if (const auto* refused = std::get_if<sdk::Result>(&prepared)) {
    preview.write(refused->code + ": " + refused->message);
  } else {
    preview.write(request_text(std::get<Prepared>(prepared).request, settings().client.user_agent));
  }
}

}  // namespace observerd::common
