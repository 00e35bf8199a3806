#pragma once

#include <memory>
#include <string>

#include "base/json.hpp"
#include "common/http_types.hpp"
#include "common/provider.hpp"
#include "common/route_settings.hpp"
#include "observerd/plugin.hpp"
#include "sms/message.hpp"

namespace observerd::sms {

/// Who sends messages: how he is asked, and what he answers. Immutable; thread-safe.
class Provider {
 public:
  virtual ~Provider() = default;
  /// "https://host:port" of where messages go.
  virtual std::string origin() const = 0;
  /// The request that sends a message. Its number has been checked.
  virtual common::Request request(const Message& message) const = 0;
  /// What a complete or broken answer means.
  virtual sdk::Result judge(const common::Response& response, WallTime now) const = 0;
};

/// The one that the module's settings name. Problems are said with their JSON pointers; the result
/// is of use only when there was none.
std::unique_ptr<const Provider> make_provider(const json::Value& settings, bool allow_http,
                                              const common::ProblemFn& problem);

/// Reads a member that must be there, and may stand in a header.
std::string required(const json::Value& settings, const char* name, const char* provider,
                     const common::ProblemFn& problem);

std::unique_ptr<const Provider> make_twilio(const json::Value& settings, bool allow_http,
                                            const common::ProblemFn& problem);
std::unique_ptr<const Provider> make_vonage(const json::Value& settings, bool allow_http,
                                            const common::ProblemFn& problem);
std::unique_ptr<const Provider> make_sns(const json::Value& settings, bool allow_http,
                                         const common::ProblemFn& problem);
std::unique_ptr<const Provider> make_other(const json::Value& settings, bool allow_http,
                                           const common::ProblemFn& problem);

}  // namespace observerd::sms
