#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "cache/endpoint.hpp"
#include "common/client_settings.hpp"

namespace observerd::cache {

/// How a store (Redis, memcached) is reached, and what its keys are called.
struct StoreSettings {
  std::vector<Endpoint> servers;
  bool has_tls = false;
  std::string username;
  std::string password;  ///< "": no login
  int database = 0;
  std::string key_prefix;
  std::string tag_prefix;
  std::size_t scan_limit = 100'000;
  common::ClientSettings client;  ///< how it is dialled

  /// "redis://a:6379,b:6379": what a lane is keyed by.
  std::string lane(const std::string& scheme) const;
  std::string key(const std::string& name) const { return key_prefix + name; }
  std::string tag(const std::string& name) const { return key_prefix + tag_prefix + name; }
};

/// Reads what Redis and memcached have in common. Each problem is reported with its JSON pointer.
StoreSettings parse_store(const json::Value& settings, const common::ClientSettings& client,
                          int default_port, const common::ProblemFn& problem);

/// The member as a boolean; false when it is missing.
bool read_flag(const json::Value& settings, const char* name);

/// What only the flavours over HTTP read.
inline constexpr std::initializer_list<const char*> kNotForStores = {
    "allow_http", "proxy",   "user_agent", "max_response_bytes",
    "service_id", "zone_id", "base_url",   "api_token"};

/// What only the stores read.
inline constexpr std::initializer_list<const char*> kNotForHttp = {
    "cluster", "tls", "username", "password", "database", "key_prefix", "tag_prefix", "scan_limit"};

/// Reports members that this flavour does not read: a setting without effect is a mistake.
void refuse_members(const json::Value& settings, std::initializer_list<const char*> names,
                    const std::string& flavour, const common::ProblemFn& problem);

/// Reads a member that the flavour cannot do without.
std::string need_member(const json::Value& settings, const char* name, const std::string& flavour,
                        const common::ProblemFn& problem);

/// `api_token`, which must be there and fit into a header.
std::string need_token(const json::Value& settings, const std::string& flavour,
                       const common::ProblemFn& problem);

}  // namespace observerd::cache
