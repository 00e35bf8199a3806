#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/json.hpp"
#include "common/client_settings.hpp"
#include "common/http_client.hpp"
#include "observerd/plugin.hpp"

namespace observerd::common {

/// Where problems of parsing go when a plugin is asked to open or bind.
ProblemFn into(sdk::Errors& errors);

/// What every module on HTTP has: the shared settings and one client, started at first use, as
/// `check` and `test` bind actions without it. How items become requests is a derived class's:
/// http_module.hpp (one each), bulk_module.hpp (one for several).
class ClientModule : public sdk::Module {
 public:
  bool start() final;
  /// Everything under way ends with Cancelled and is reported.
  void stop() final;

 protected:
  /// `settings` have the members of client_settings.hpp, and any others.
  ClientModule(sdk::Host host, const json::Value& settings, sdk::Errors& errors);

  /// nullptr when it could not be started; the log says why.
  HttpClient* client();
  /// Reports what is left of a batch when there is no client.
  static void report_no_client(sdk::Batch& batch);
  /// The host's deadline, or the module's own timeout from now where that is earlier.
  SteadyTime earliest(SteadyTime deadline) const;

  /// Connects to an origin ("https://host:port") by that route and says in `errors` under `pointer`
  /// why it could not.
  bool can_connect(const std::string& origin, std::shared_ptr<const Route> route,
                   const char* pointer, sdk::Errors& errors);
  /// Sends one request and waits for its answer; nothing when the client could not be started.
  std::optional<Response> ask(Request request);
  const ClientSettings& settings() const { return settings_; }

 private:
  const ClientSettings settings_;
  std::mutex mutex_;
  std::unique_ptr<HttpClient> client_;
};

}  // namespace observerd::common
