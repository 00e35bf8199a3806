#include "common/client_settings.hpp"

#include <utility>
#include <vector>

#include "common/headers.hpp"

namespace observerd::common {
namespace {

AddressPolicy read_addresses(const json::Value& settings, const ProblemFn& problem) {
  std::vector<Cidr> allowed;
  const json::Value* blocks = settings.find("allow_addresses");
  if (blocks == nullptr || !blocks->is_array()) return {};
  for (std::size_t i = 0; i < blocks->items().size(); ++i) {
    const auto block = Cidr::parse(blocks->items()[i].text());
    if (block) {
      allowed.push_back(*block);
    } else {
      problem(json::join_pointer("/allow_addresses", i), block.status().message());
    }
  }
  return AddressPolicy(std::move(allowed));
}

}  // namespace

ClientSettings parse_client_settings(const json::Value& settings, const ProblemFn& problem) {
  ClientSettings parsed;
  ClientOptions& client = parsed.client;
  const json::Value* allow_http = settings.find("allow_http");
  client.allow_http = allow_http != nullptr && allow_http->is_boolean() && allow_http->as_boolean();
  client.addresses = read_addresses(settings, problem);
  client.route = parse_route(settings, {}, problem);
  if (settings.find("timeout") != nullptr) {
    parsed.timeout = read_duration(settings, "timeout", Milliseconds(30'000), problem);
  }
  client.max_connections =
      static_cast<int>(integer_or(settings, "max_connections", client.max_connections));
  client.user_agent = settings.string_or("user_agent", "observerd/" OBSERVERD_VERSION);
  if (!is_header_value(client.user_agent)) {
    problem("/user_agent", "a header value holds no control characters and no space at its ends");
  }
  return parsed;
}

std::optional<Url> read_endpoint(const std::string& text, bool allow_http,
                                 const std::string& pointer, const ProblemFn& problem) {
  auto url = parse_url(text);
  if (!url) {
    problem(pointer, url.status().message());
    return std::nullopt;
  }
  if (!url->is_https() && !allow_http) {
    problem(pointer,
            "must begin with https://; \"allow_http\" in the module's settings permits http");
    return std::nullopt;
  }
  return *std::move(url);
}

}  // namespace observerd::common
