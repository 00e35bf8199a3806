#include "cache/settings.hpp"

#include "base/strings.hpp"

namespace observerd::cache {

std::string StoreSettings::lane(const std::string& scheme) const {
  std::vector<std::string> names;
  for (const Endpoint& server : servers) names.push_back(server.text());
  std::string lane = scheme + "://" + join(names, ",");
  if (database != 0) lane += "/" + std::to_string(database);
  return lane;
}

bool read_flag(const json::Value& settings, const char* name) {
  const json::Value* flag = settings.find(name);
  return flag != nullptr && flag->is_boolean() && flag->as_boolean();
}

void refuse_members(const json::Value& settings, std::initializer_list<const char*> names,
                    const std::string& flavour, const common::ProblemFn& problem) {
  for (const char* const name : names) {
    if (settings.find(name) == nullptr) continue;
    problem(std::string("/") + name, "has no meaning with the flavour " + flavour);
  }
}

std::string need_member(const json::Value& settings, const char* name, const std::string& flavour,
                        const common::ProblemFn& problem) {
  std::string text = settings.string_or(name);
  if (text.empty()) problem(std::string("/") + name, "is needed with the flavour " + flavour);
  return text;
}

std::string need_token(const json::Value& settings, const std::string& flavour,
                       const common::ProblemFn& problem) {
  std::string token = need_member(settings, "api_token", flavour, problem);
  if (!common::is_header_value(token)) {
    problem("/api_token", "holds characters that no token has, such as a line break");
  }
  return token;
}

StoreSettings parse_store(const json::Value& settings, const common::ClientSettings& client,
                          int default_port, const common::ProblemFn& problem) {
  StoreSettings store;
  store.client = client;
  // What is dialled has no scheme; whether it is encrypted is what `tls` says.
  store.client.client.allow_http = true;
  const json::Value* servers = settings.find("servers");
  if (servers == nullptr || !servers->is_array()) {
    problem("/servers", "must name where the cache is");
  } else {
    for (std::size_t i = 0; i < servers->items().size(); ++i) {
      const auto server = parse_endpoint(servers->items()[i].text(), default_port);
      if (server) {
        store.servers.push_back(*server);
      } else {
        problem(json::join_pointer("/servers", i), "is no HOST or HOST:PORT");
      }
    }
  }
  store.has_tls = read_flag(settings, "tls");
  store.username = settings.string_or("username");
  store.password = settings.string_or("password");
  if (!store.username.empty() && store.password.empty()) {
    problem("/username", "needs a password beside it");
  }
  for (const char* const name : {"ca_file", "client_cert_file", "client_key_file"}) {
    if (!store.has_tls && settings.find(name) != nullptr) {
      problem(std::string("/") + name, "has no effect without \"tls\": true");
    }
  }
  store.database = static_cast<int>(common::integer_or(settings, "database", 0));
  store.key_prefix = settings.string_or("key_prefix");
  store.tag_prefix = settings.string_or("tag_prefix", "tag:");
  store.scan_limit = static_cast<std::size_t>(common::integer_or(settings, "scan_limit", 100'000));
  return store;
}

}  // namespace observerd::cache
