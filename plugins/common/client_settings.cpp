#include "common/client_settings.hpp"

#include <charconv>
#include <fstream>
#include "base/units.hpp"

#include "common/headers.hpp"

namespace observerd::common {
namespace {

void read_file_name(const json::Value& settings, const char* name, std::string& to,
                    const ProblemFn& problem) {
  to = settings.string_or(name);
  if (to.empty()) return;
  const std::ifstream file(to);
  if (!file) problem(std::string("/") + name, "the file \"" + to + "\" cannot be read");
}

void read_duration(const json::Value& settings, const char* name, Milliseconds& to,
                   const ProblemFn& problem) {
  const json::Value* value = settings.find(name);
  if (value == nullptr) return;
  const auto duration = value->is_string() ? parse_duration(value->text()) : std::nullopt;
  if (duration && duration->count() > 0) {
    to = *duration;
  } else {
    problem(std::string("/") + name, "is no duration such as \"5s\"");
  }
}

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

std::int64_t integer_or(const json::Value& object, std::string_view name, std::int64_t fallback) {
  const json::Value* value = object.find(name);
  if (value == nullptr || !value->is_number()) return fallback;
  const std::string& digits = value->text();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool is_whole = error == std::errc() && end == digits.data() + digits.size();
  return is_whole && number >= 0 ? number : fallback;
}

ClientSettings parse_client_settings(const json::Value& settings, const ProblemFn& problem) {
  ClientSettings parsed;
  ClientOptions& client = parsed.client;
  const json::Value* allow_http = settings.find("allow_http");
  client.allow_http = allow_http != nullptr && allow_http->is_boolean() && allow_http->as_boolean();
  client.addresses = read_addresses(settings, problem);
  client.proxy = settings.string_or("proxy");
  read_file_name(settings, "ca_file", client.ca_file, problem);
  read_file_name(settings, "client_cert_file", client.client_cert_file, problem);
  read_file_name(settings, "client_key_file", client.client_key_file, problem);
  if (client.client_key_file.empty() != client.client_cert_file.empty()) {
    problem(client.client_key_file.empty() ? "/client_cert_file" : "/client_key_file",
            "client_cert_file and client_key_file are needed together");
  }
  read_duration(settings, "connect_timeout", client.connect_timeout, problem);
  read_duration(settings, "timeout", parsed.timeout, problem);
  client.max_response_bytes = static_cast<std::size_t>(integer_or(
      settings, "max_response_bytes", static_cast<std::int64_t>(client.max_response_bytes)));
  client.max_connections =
      static_cast<int>(integer_or(settings, "max_connections", client.max_connections));
  client.user_agent = settings.string_or("user_agent", "observerd/" OBSERVERD_VERSION);
  if (!is_header_value(client.user_agent)) {
    problem("/user_agent", "a header value holds no control characters and no space at its ends");
  }
  return parsed;
}

}  // namespace observerd::common
