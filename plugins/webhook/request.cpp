#include "webhook/request.hpp"

#include <algorithm>
#include <utility>

#include "base/strings.hpp"
#include "common/url.hpp"

namespace observerd::webhook {
namespace {

using Refusal = std::optional<sdk::Result>;

// The action's values with what the host rendered for this item put over them.
struct Rendered {
  std::string url;
  common::Headers headers;
  std::optional<std::string> body;
  CloudEventNames cloudevent;
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
  out = {action.url, action.headers, action.body, action.cloudevent};
  if (settings_json.empty() || settings_json == "{}") return true;
  const auto settings = json::parse(settings_json, Code::ActionSettings);
  if (!settings) return false;
  out.url = settings->string_or("url", std::move(out.url));
  const json::Value* headers = settings->find("headers");
  if (headers != nullptr && headers->is_object()) replace_headers(*headers, out.headers);
  if (const json::Value* body = settings->find("body")) out.body = body_text(*body);
  auto& names = out.cloudevent;
  names.source = settings->string_or("cloudevent_source", std::move(names.source));
  names.type = settings->string_or("cloudevent_type", std::move(names.type));
  return true;
}

void add_unless_there(common::Headers& headers, const char* name, std::string value) {
  if (common::find_header(headers, name) == nullptr) headers.emplace_back(name, std::move(value));
}

std::int64_t unix_seconds(WallTime now) {
  return std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
}

Refusal put_target(const Rendered& rendered, bool allow_http, common::Request& request) {
  auto url = common::parse_url(rendered.url);
  if (!url) return sdk::rejected("bad_url", url.status().message());
  if (!url->is_https() && !allow_http) {
    return sdk::rejected("bad_url", "the URL must begin with https://");
  }
  for (const auto& [name, value] : rendered.headers) {
    if (!common::is_header_value(value)) {
      return sdk::rejected("bad_header", "the value of " + name + " holds control characters");
    }
  }
  request.url = std::move(*url);
  request.headers = rendered.headers;
  return std::nullopt;
}

// The body and the headers that say what it is.
Refusal put_body(const ActionSettings& action, const sdk::Item& item, Rendered& rendered,
                 common::Request& request) {
  request.has_body = action.method != "GET";
  if (!request.has_body) return std::nullopt;
  request.body = rendered.body ? std::move(*rendered.body) : std::string(item.event());
  std::string content_type = action.content_type;
  if (is_cloudevent(action.format)) {
    const auto attributes = cloudevent_attributes(item, rendered.cloudevent);
    if (!attributes) return sdk::rejected("bad_cloudevent", attributes.status().message());
    if (action.format == Format::CloudEventsBinary) {
      add_attribute_headers(*attributes, request.headers);
    } else {
      auto whole = structured_cloudevent(*attributes, content_type, request.body);
      if (!whole) {
        return sdk::rejected("bad_cloudevent", "the body is not the JSON that content_type says");
      }
      request.body = std::move(*whole);
      content_type = kStructuredContentType;
    }
  }
  add_unless_there(request.headers, "Content-Type", std::move(content_type));
  return std::nullopt;
}

Refusal put_signature(const ActionSettings& action, const std::string& id, WallTime now,
                      common::Request& request) {
  if (action.signer == nullptr) return std::nullopt;
  const std::int64_t timestamp = unix_seconds(now);
  std::string signature = action.signer->sign(id, timestamp, request.body);
  if (signature.empty()) return sdk::retry("signing_failed", "OpenSSL could not sign the request");
  request.headers.emplace_back("webhook-id", id);
  request.headers.emplace_back("webhook-timestamp", std::to_string(timestamp));
  request.headers.emplace_back("webhook-signature", std::move(signature));
  return std::nullopt;
}

}  // namespace

std::variant<common::Request, sdk::Result> build_request(const ActionSettings& action,
                                                         const sdk::Item& item, bool allow_http,
                                                         WallTime now) {
  Rendered rendered;
  if (!render(action, item.settings(), rendered)) {
    return sdk::rejected("bad_settings", "the rendered settings are not JSON");
  }
  common::Request request;
  request.method = action.method;
  request.route = action.route;
  if (auto refusal = put_target(rendered, allow_http, request)) return *refusal;
  if (auto refusal = put_body(action, item, rendered, request)) return *refusal;
  const std::string id(item.delivery_id());
  // A structured-field string: quoted (draft-ietf-httpapi-idempotency-key-header-07).
  add_unless_there(request.headers, "Idempotency-Key", '"' + id + '"');
  if (!item.trace_parent().empty()) {
    add_unless_there(request.headers, "traceparent", std::string(item.trace_parent()));
  }
  if (auto refusal = put_signature(action, id, now, request)) return *refusal;
  return request;
}

}  // namespace observerd::webhook
