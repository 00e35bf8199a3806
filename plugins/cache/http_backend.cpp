#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "cache/backend.hpp"
#include "cache/outcome.hpp"
#include "cache/purger.hpp"
#include "common/http_client.hpp"
#include "common/http_metrics.hpp"
#include "common/wire_request.hpp"

namespace observerd::cache {
namespace {

/// Gathers the results of requests that belong to several operations.
class Gathering {
 public:
  explicit Gathering(std::size_t operations) : results_(operations, sdk::delivered()) {}

  void expect(std::size_t count) { open_ += count; }
  void take(std::size_t operation, sdk::Result result) {
    const std::lock_guard lock(mutex_);
    results_[operation] = worse_of(std::move(results_[operation]), std::move(result));
    if (--open_ == 0) all_.notify_all();
  }
  std::vector<sdk::Result> wait() {
    std::unique_lock lock(mutex_);
    all_.wait(lock, [this] { return open_ == 0; });
    return std::move(results_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable all_;
  std::vector<sdk::Result> results_;
  std::size_t open_ = 0;
};

/// Caches that are told by HTTP. Every request of a batch is under way at the same time.
class HttpBackend final : public Backend {
 public:
  HttpBackend(std::unique_ptr<const Purger> purger, const common::ClientSettings& settings,
              sdk::Host host)
      : purger_(std::move(purger)), options_(settings.client), host_(host) {}

  void check(const Operation& configured, const common::ProblemFn& problem) const override {
    purger_->check(configured, problem);
  }
  std::string lane() const override { return purger_->lane(); }

  void start() override { client(); }
  void stop() override {
    const std::lock_guard lock(mutex_);
    if (client_ != nullptr) client_->stop();
    client_.reset();
  }

  void deliver(Work& work) override {
    const auto client = this->client();
    const auto gathering = std::make_shared<Gathering>(work.operations.size());
    std::vector<common::HttpClient::Job> jobs;
    std::vector<std::optional<sdk::Result>> refused(work.operations.size());
    for (std::size_t i = 0; i < work.operations.size(); ++i) {
      auto made = purger_->requests(work.operations[i]);
      if (client == nullptr) made = sdk::retry("client_error", "the HTTP client did not start");
      if (const auto* result = std::get_if<sdk::Result>(&made)) {
        refused[i] = *result;
        continue;
      }
      for (auto& request : std::get<std::vector<common::Request>>(made)) {
        request.cancelled = work.is_cancelled;
        jobs.push_back({std::move(request),
                        work.limit.deadline,
                        [this, gathering, i](const common::Response& response) {
                          common::count_request(host_, response);
                          gathering->take(i, judge(response));
                        },
                        {}});
      }
    }
    gathering->expect(jobs.size());
    if (!jobs.empty()) client->submit(std::move(jobs));
    const std::vector<sdk::Result> results = gathering->wait();
    for (std::size_t i = 0; i < results.size(); ++i) {
      work.report(i, refused[i] ? *refused[i] : results[i]);
    }
  }

  std::string preview(const Operation& operation) const override {
    const auto made = purger_->requests(operation);
    if (const auto* refused = std::get_if<sdk::Result>(&made)) {
      return refused->code + ": " + refused->message;
    }
    std::string text;
    for (const auto& request : std::get<std::vector<common::Request>>(made)) {
      if (!text.empty() && !text.ends_with("\n\n")) text += "\n\n";
      text += common::request_text(request, options_.user_agent);
    }
    return text;
  }

  std::string probe(const Limit& limit) override {
    const auto client = this->client();
    if (client == nullptr) return "the HTTP client did not start";
    for (common::Request& request : purger_->probes()) {
      const bool is_dial = request.connect_only;
      const common::Response response = client->perform(std::move(request), limit.deadline);
      if (is_dial && response.error == common::HttpError::None) continue;
      const sdk::Result result = judge(response);
      if (result.outcome != OBSERVERD_DELIVERED) return result.code + ": " + result.message;
    }
    return {};
  }

 private:
  sdk::Result judge(const common::Response& response) const {
    return purger_->judge(response, std::chrono::system_clock::now());
  }

  /// Started at first use, as `check` and `test` bind actions without it; the log says why it is
  /// not there.
  std::shared_ptr<common::HttpClient> client() {
    const std::lock_guard lock(mutex_);
    if (client_ != nullptr) return client_;
    auto created = common::HttpClient::create(options_);
    if (created) {
      client_ = std::move(*created);
    } else {
      host_.error(created.status().message());
    }
    return client_;
  }

  const std::unique_ptr<const Purger> purger_;
  const common::ClientOptions options_;
  const sdk::Host host_;
  std::mutex mutex_;
  std::shared_ptr<common::HttpClient> client_;
};

}  // namespace

std::unique_ptr<Backend> make_http(std::unique_ptr<const Purger> purger,
                                   const common::ClientSettings& client, sdk::Host host) {
  return std::make_unique<HttpBackend>(std::move(purger), client, host);
}

}  // namespace observerd::cache
