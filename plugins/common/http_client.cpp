#include "common/http_client.hpp"

#include <curl/curl.h>

#include <future>
#include <utility>

#include "common/http_worker.hpp"

namespace observerd::common {

HttpClient::HttpClient(std::unique_ptr<Worker> worker) : worker_(std::move(worker)) {}
HttpClient::~HttpClient() = default;

Result<std::unique_ptr<HttpClient>> HttpClient::create(ClientOptions options) {
  // Counted and thread-safe in libcurl from 7.84 on; never undone, as a plugin is never unloaded.
  static const bool is_ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  auto worker = std::make_unique<Worker>(std::move(options));
  if (!is_ready || !worker->start()) {
    return Status::error(Code::ActionFailed,
                         "the HTTP client did not get the thread, descriptors or memory it needs");
  }
  return std::unique_ptr<HttpClient>(new HttpClient(std::move(worker)));
}

HttpClient::Ticket HttpClient::submit(Request request, SteadyTime deadline, Callback callback) {
  std::vector<Job> jobs;
  jobs.push_back({std::move(request), deadline, std::move(callback), {}, false});
  return worker_->submit(std::move(jobs));
}

HttpClient::Ticket HttpClient::submit(std::vector<Job> jobs) {
  return worker_->submit(std::move(jobs));
}

void HttpClient::release(Ticket ticket, Headers headers) {
  worker_->release(ticket, std::move(headers));
}

void HttpClient::cancel(Ticket ticket) {
  worker_->cancel(ticket);
}

Response HttpClient::perform(Request request, SteadyTime deadline) {
  std::promise<Response> promise;
  auto future = promise.get_future();
  submit(std::move(request), deadline,
         [&promise](Response response) { promise.set_value(std::move(response)); });
  return future.get();
}

void HttpClient::stop() {
  worker_->stop();
}

}  // namespace observerd::common
