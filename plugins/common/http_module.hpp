#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>

#include "base/json.hpp"
#include "common/client_settings.hpp"
#include "common/http_client.hpp"
#include "observerd/plugin.hpp"

namespace observerd::common {

/// Where problems of parsing go when a plugin is asked to open or bind.
ProblemFn into(sdk::Errors& errors);

/// A module whose every item is one HTTP request of its own. Asynchronous: deliver_batch prepares
/// the requests on the host's thread and hands them to the client, whose own thread reports each.
/// A derived class says what is sent, when, and what the answer means. The client is started at
/// first use, as `check` and `test` bind actions without it.
class HttpModule : public sdk::Module {
 public:
  bool start() final;
  void deliver_batch(sdk::Batch& batch) final;
  void stop() final;
  /// The request to the letter.
  void preview(const sdk::Item& item, sdk::Preview& preview) final;

 protected:
  /// What an answer means for its item. Called on the client's thread.
  using Meaning = std::function<sdk::Result(const Response& response)>;
  struct Prepared {
    Request request;
    Meaning meaning;
    std::string destination = {};  ///< what turn_of goes by
  };

  /// `settings` have the members of client_settings.hpp, and any others.
  HttpModule(sdk::Host host, const json::Value& settings, sdk::Errors& errors);

  /// What is sent for an item, or why nothing is. Called by several threads at a time when a
  /// preview is asked for; changes nothing.
  virtual std::variant<Prepared, sdk::Result> prepare(const sdk::Item& item) const = 0;
  /// When something for that destination may begin; by default at once. Asked once for each
  /// delivery. A turn that is not before `deadline` is not taken: the item goes back to the host.
  virtual SteadyTime turn_of(const std::string& destination, SteadyTime deadline);

  /// Connects to an origin ("https://host:port") by that route and says in `errors` under `pointer`
  /// why it could not.
  bool can_connect(const std::string& origin, std::shared_ptr<const Route> route,
                   const char* pointer, sdk::Errors& errors);
  /// Sends one request and waits for its answer; nothing when the client could not be started.
  std::optional<Response> ask(Request request);
  const ClientSettings& settings() const { return settings_; }

 private:
  HttpClient* client();
  SteadyTime earliest(SteadyTime deadline) const;
  HttpClient::Job make_job(Prepared prepared, SteadyTime deadline,
                           std::shared_ptr<sdk::Delivery> delivery);

  const ClientSettings settings_;
  std::mutex mutex_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace observerd::common
