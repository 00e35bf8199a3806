#include "webhook/request.hpp"

#include <algorithm>
#include <utility>

#include "base/strings.hpp"
#include "common/url.hpp"

namespace observerd::webhook {
namespace {

// The action's values with what the host rendered for this item put over them.
struct Rendered {
  std::string url;
  common::Headers headers;
  std::optional<std::string> body;
};

void replace_headers(const json::Value& rendered, common::Headers& headers) {
  for (const auto& [name, value] : rendered.members()) {
    const auto same = [&, &header_name = name](const auto& header) {
      return ascii_iequals(header.first, header_name);
    };
    const auto found = std::find_if(headers.begin(), headers.end(), same);
    if (found != headers.end()) found->second = trim(value.text());
  }
}

bool render(const ActionSettings& action, std::string_view settings_json, Rendered& out) {
  out.url = action.url;
  out.headers = action.headers;
  out.body = action.body;
  if (settings_json.empty() || settings_json == "{}") return true;
  const auto settings = json::parse(settings_json, Code::ActionSettings);
  if (!settings) return false;
  out.url = settings->string_or("url", std::move(out.url));
  const json::Value* headers = settings->find("headers");
  if (headers != nullptr && headers->is_object()) replace_headers(*headers, out.headers);
  if (const json::Value* body = settings->find("body")) out.body = body_text(*body);
  return true;
}

void add_unless_there(common::Headers& headers, const char* name, std::string value) {
  if (common::find_header(headers, name) == nullptr) headers.emplace_back(name, std::move(value));
}

std::int64_t unix_seconds(WallTime now) {
  return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
}

}  // namespace

std::variant<common::Request, sdk::Result> build_request(const ActionSettings& action,
                                                         const sdk::Item& item,
                                                         const RequestDefaults& defaults,
                                                         WallTime now) {
  Rendered rendered;
  if (!render(action, item.settings(), rendered)) {
    return sdk::rejected("bad_settings", "the rendered settings are not JSON");
  }
  auto url = common::parse_url(rendered.url);
  if (!url) return sdk::rejected("bad_url", url.status().message());
  if (!url->is_https() && !defaults.allow_http) {
    return sdk::rejected("bad_url", "the URL must begin with https://");
  }
  for (const auto& [name, value] : rendered.headers) {
    if (!common::is_header_value(value)) {
      return sdk::rejected("bad_header", "the value of " + name + " holds control characters");
    }
  }
  common::Request request;
  request.method = action.method;
  request.url = std::move(*url);
  request.has_body = action.method != "GET";
  if (request.has_body) {
    request.body = rendered.body ? std::move(*rendered.body) : std::string(item.event());
  }
  auto& headers = request.headers;
  headers = std::move(rendered.headers);
  if (request.has_body) add_unless_there(headers, "Content-Type", action.content_type);
  add_unless_there(headers, "User-Agent", defaults.user_agent);
  const std::string id(item.delivery_id());
  // A structured-field string: quoted (draft-ietf-httpapi-idempotency-key-header-07).
  add_unless_there(headers, "Idempotency-Key", '"' + id + '"');
  if (!item.trace_parent().empty()) {
    add_unless_there(headers, "traceparent", std::string(item.trace_parent()));
  }
  if (action.signer != nullptr) {
    const std::int64_t timestamp = unix_seconds(now);
    headers.emplace_back("webhook-id", id);
    headers.emplace_back("webhook-timestamp", std::to_string(timestamp));
    headers.emplace_back("webhook-signature", action.signer->sign(id, timestamp, request.body));
  }
  return request;
}

std::string request_text(const common::Request& request) {
  std::string text = request.method + " " + request.url.text + "\n";
  for (const auto& [name, value] : request.headers) text += name + ": " + value + "\n";
  return text + "\n" + request.body;
}

}  // namespace observerd::webhook
