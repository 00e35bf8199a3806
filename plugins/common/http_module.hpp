#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "common/client_module.hpp"
#include "common/http_client.hpp"
#include "common/token_cache.hpp"
#include "observerd/plugin.hpp"

namespace observerd::common {

/// A module whose every item is one HTTP request of its own. Asynchronous: deliver_batch prepares
/// the requests on the host's thread and hands them to the client, whose own thread reports each.
/// A derived class says what is sent, when, and what the answer means.
class HttpModule : public ClientModule {
 public:
  void deliver_batch(sdk::Batch& batch) final;
  /// The request to the letter, but for what Prepared says.
  void preview(const sdk::Item& item, sdk::Preview& preview) final;

  /// What an answer means for its item. Called on the client's thread.
  using Meaning = std::function<sdk::Result(const Response& response)>;
  struct Prepared {
    Request request;
    Meaning meaning;
    std::string destination = {};  ///< what turn_of goes by
    /// Whose token goes into the Authorization header; the request waits for it without holding up
    /// anything else. Once refused, it is sent once more with a new one. nullptr: it needs none.
    std::shared_ptr<TokenCache> token = nullptr;
    /// Makes the request fit to be shown: what was encrypted is plain, what was signed is masked.
    std::function<void(Request& request)> unveil = nullptr;
  };

 protected:
  using ClientModule::ClientModule;

  /// What is sent for an item, or why nothing is. Called by several threads at a time when a
  /// preview is asked for; changes nothing.
  virtual std::variant<Prepared, sdk::Result> prepare(const sdk::Item& item) const = 0;
  /// When something for that destination may begin; by default at once. Asked once for each
  /// delivery. A turn that is not before `deadline` is not taken: the item goes back to the host.
  virtual SteadyTime turn_of(const std::string& destination, SteadyTime deadline);

  /// Sends one request as if for an item, and waits for what its answer means: for probes.
  sdk::Result try_now(Prepared prepared);
  /// Sends one request and returns; the answer comes on the client's thread, within 20 seconds.
  void send(Request request, HttpClient::Callback callback);

 private:
  struct Flight;
  void send(const std::vector<std::shared_ptr<Flight>>& flights);
  HttpClient::Job make_job(const std::shared_ptr<Flight>& flight);
  void await_token(const std::shared_ptr<Flight>& flight, HttpClient::Ticket ticket);
  void answered(const std::shared_ptr<Flight>& flight, const Response& response);
};

}  // namespace observerd::common
