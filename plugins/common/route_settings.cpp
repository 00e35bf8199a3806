#include "common/route_settings.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>

#include "base/units.hpp"
#include "common/proxy_url.hpp"

namespace observerd::common {
namespace {

constexpr const char* kNames[] = {"proxy",           "ca_file",         "client_cert_file",
                                  "client_key_file", "connect_timeout", "max_response_bytes"};

void read_file_name(const json::Value& settings, const char* name, std::string& to,
                    const ProblemFn& problem) {
  const std::string path = settings.string_or(name);
  if (path.empty()) return;
  to = path;
  const std::ifstream file(path);
  if (!file) problem(std::string("/") + name, "the file \"" + path + "\" cannot be read");
}

void read_proxy(const json::Value& settings, std::string& to, const ProblemFn& problem) {
  const std::string url = settings.string_or("proxy");
  if (url.empty()) return;
  to = url == "direct" ? "" : url;
  if (to.empty()) return;
  if (const Status status = check_proxy_url(url); !status.ok()) {
    problem("/proxy", status.message());
  }
}

// A certificate of one level with a key of the other would never fit.
void read_client_certificate(const json::Value& settings, Route& route, const ProblemFn& problem) {
  const bool has_cert = !settings.string_or("client_cert_file").empty();
  const bool has_key = !settings.string_or("client_key_file").empty();
  read_file_name(settings, "client_cert_file", route.client_cert_file, problem);
  read_file_name(settings, "client_key_file", route.client_key_file, problem);
  if (has_cert == has_key) return;
  problem(has_cert ? "/client_cert_file" : "/client_key_file",
          "client_cert_file and client_key_file are needed together");
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

Milliseconds read_duration(const json::Value& settings, const char* name, Milliseconds fallback,
                           const ProblemFn& problem) {
  const json::Value* value = settings.find(name);
  if (value == nullptr) return fallback;
  const auto duration = value->is_string() ? parse_duration(value->text()) : std::nullopt;
  if (duration && duration->count() > 0) return *duration;
  problem(std::string("/") + name, "is no duration such as \"5s\"");
  return fallback;
}

bool has_route(const json::Value& settings) {
  return std::any_of(std::begin(kNames), std::end(kNames),
                     [&](const char* name) { return settings.find(name) != nullptr; });
}

Route parse_route(const json::Value& settings, Route base, const ProblemFn& problem) {
  Route route = std::move(base);
  read_proxy(settings, route.proxy, problem);
  read_file_name(settings, "ca_file", route.ca_file, problem);
  read_client_certificate(settings, route, problem);
  route.connect_timeout =
      read_duration(settings, "connect_timeout", route.connect_timeout, problem);
  route.max_response_bytes = static_cast<std::size_t>(integer_or(
      settings, "max_response_bytes", static_cast<std::int64_t>(route.max_response_bytes)));
  return route;
}

std::string route_label(const Route& route, const Route& base) {
  std::string label;
  const auto add = [&](const char* what, const std::string& name) {
    label += (label.empty() ? " (" : ", ") + std::string(what) + " " + name;
  };
  if (route.proxy != base.proxy)
    add("proxy", route.proxy.empty() ? "none" : proxy_host(route.proxy));
  if (route.client_cert_file != base.client_cert_file) add("certificate", route.client_cert_file);
  if (route.ca_file != base.ca_file) add("authorities", route.ca_file);
  return label.empty() ? label : label + ")";
}

}  // namespace observerd::common
