#include "common/wire_request.hpp"

#include "base/strings.hpp"

namespace observerd::common {
namespace {

/// Basic puts a password into base64, where nobody who masks it finds it.
std::string shown(const std::string& name, const std::string& value) {
  const bool is_basic = ascii_iequals(name, "Authorization") && value.starts_with("Basic ");
  return is_basic ? "Basic ***" : value;
}

}  // namespace

Headers wire_headers(const Request& request, const std::string& user_agent) {
  // Never inflated: the cap counts what arrives, and a small answer cannot become a large one.
  Headers headers = {{"Accept-Encoding", "identity"}};
  if (find_header(request.headers, "User-Agent") == nullptr) {
    headers.emplace_back("User-Agent", user_agent);
  }
  headers.insert(headers.end(), request.headers.begin(), request.headers.end());
  return headers;
}

std::string request_text(const Request& request, const std::string& user_agent) {
  std::string text = request.method + " " + request.url.text + "\n";
  if (find_header(request.headers, "Host") == nullptr) {
    text += "Host: " + request.url.authority() + "\n";
  }
  for (const auto& [name, value] : wire_headers(request, user_agent)) {
    text += name + ": " + shown(name, value) + "\n";
  }
  if (!request.has_body) return text + "\n";
  return text + "Content-Length: " + std::to_string(request.body.size()) + "\n\n" + request.body;
}

}  // namespace observerd::common
