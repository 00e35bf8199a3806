#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "common/client_module.hpp"
#include "common/http_client.hpp"
#include "observerd/plugin.hpp"

namespace observerd::common {

/// A module whose every item is one HTTP request of its own. Asynchronous: deliver_batch prepares
/// the requests on the host's thread and hands them to the client, whose own thread reports each.
/// A derived class says what is sent, when, and what the answer means.
class HttpModule : public ClientModule {
 public:
  void deliver_batch(sdk::Batch& batch) final;
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

  using ClientModule::ClientModule;

  /// What is sent for an item, or why nothing is. Called by several threads at a time when a
  /// preview is asked for; changes nothing.
  virtual std::variant<Prepared, sdk::Result> prepare(const sdk::Item& item) const = 0;
  /// When something for that destination may begin; by default at once. Asked once for each
  /// delivery. A turn that is not before `deadline` is not taken: the item goes back to the host.
  virtual SteadyTime turn_of(const std::string& destination, SteadyTime deadline);

 private:
  HttpClient::Job make_job(Prepared prepared, SteadyTime deadline,
                           std::shared_ptr<sdk::Delivery> delivery);
};

}  // namespace observerd::common
