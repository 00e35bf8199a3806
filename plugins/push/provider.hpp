#pragma once

#include <functional>
#include <memory>
#include <string>
#include <variant>

#include "base/json.hpp"
#include "common/http_module.hpp"
#include "common/provider.hpp"
#include "common/route_settings.hpp"
#include "push/message.hpp"

namespace observerd::push {

using Prepared = common::HttpModule::Prepared;

/// Result codes that mean the same with every provider: what to prune by.
inline constexpr const char* kUnregistered = "push_unregistered";  ///< was good once
inline constexpr const char* kBadToken = "push_bad_token";         ///< never was
inline constexpr const char* kTooLarge = "push_too_large";

/// What a provider may use of its module.
struct ProviderHost {
  bool allow_http = false;
  /// Sends a request; the answer comes on another thread.
  std::function<void(common::Request request, std::function<void(common::Response)> answer)> send;
  const Clock* clock = nullptr;
};

/// Who delivers messages to devices: what he is sent, and what his answers mean. Thread-safe.
class Provider {
 public:
  virtual ~Provider() = default;
  /// What its deliveries share, "https://host:port" as a rule.
  virtual std::string lane() const = 0;
  /// Says what this provider cannot do with an action's settings, templates not rendered.
  virtual void check(const json::Value& settings, const Message& message,
                     const common::ProblemFn& problem) const = 0;
  /// What is sent for a message, or why nothing is.
  virtual std::variant<Prepared, sdk::Result> prepare(const Message& message) const = 0;
  /// A request that changes nothing and whose DELIVERED says that the credentials are good;
  /// nullopt when there is none: to connect to lane() must do.
  virtual std::optional<Prepared> probe() const { return std::nullopt; }
};

/// The one that the module's settings name. Problems are said with their JSON pointers; the result
/// is of use only when there was none.
std::unique_ptr<const Provider> make_provider(const json::Value& settings, ProviderHost host,
                                              const common::ProblemFn& problem);

std::unique_ptr<const Provider> make_fcm(const json::Value& settings, ProviderHost host,
                                         const common::ProblemFn& problem);
std::unique_ptr<const Provider> make_apns(const json::Value& settings, ProviderHost host,
                                          const common::ProblemFn& problem);
std::unique_ptr<const Provider> make_web_push(const json::Value& settings, ProviderHost host,
                                              const common::ProblemFn& problem);
std::unique_ptr<const Provider> make_ntfy(const json::Value& settings, ProviderHost host,
                                          const common::ProblemFn& problem);

/// Says of each of these members, where it is set, that the provider has no such thing.
void refuse_members(const json::Value& settings, std::initializer_list<const char*> names,
                    const char* provider, const common::ProblemFn& problem);
/// `result` with a code of the provider's and what it said.
sdk::Result named(sdk::Result result, std::string code, std::string message);
/// THROTTLED by the answer's Retry-After, or for `otherwise`.
sdk::Result throttled_by(const common::Response& response, WallTime now, Milliseconds otherwise,
                         std::string code, std::string message);

}  // namespace observerd::push
