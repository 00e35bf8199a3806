#include "webhook/settings.hpp"

#include <set>

#include "base/strings.hpp"
#include "common/settings.hpp"
#include "common/status_overrides.hpp"
#include "common/url.hpp"

namespace observerd::webhook {
namespace {

using common::is_template;
using common::ProblemFn;

// The part of a URL that ends its authority before the first tag: "https://host:port/", or "".
std::string constant_origin_part(std::string_view url) {
  const std::string_view fixed = url.substr(0, url.find("{{"));
  const std::size_t authority = fixed.find("://");
  if (authority == std::string_view::npos) return {};
  const std::size_t end = fixed.find_first_of("/?#", authority + 3);
  return end == std::string_view::npos ? std::string() : std::string(fixed.substr(0, end)) + "/";
}

void read_url(const json::Value& settings, bool allow_http, ActionSettings& action,
              const ProblemFn& problem) {
  action.url = settings.string_or("url");
  if (!allow_http && ascii_lower(action.url).starts_with("http:")) {
    problem("/url",
            "must begin with https://; \"allow_http\" in the module's settings permits http");
    return;
  }
  const bool is_fixed = !is_template(action.url);
  const std::string checked = is_fixed ? action.url : constant_origin_part(action.url);
  if (checked.empty() && !is_fixed) return;  // known only when rendered
  const auto url = common::parse_url(checked);
  if (!url) {
    problem("/url", url.status().message());
    return;
  }
  action.origin = url->origin();
}

Format read_format(const json::Value& settings) {
  const std::string name = settings.string_or("format", "plain");
  if (name == "standard") return Format::Standard;
  if (name == "cloudevents") return Format::CloudEvents;
  return name == "cloudevents-binary" ? Format::CloudEventsBinary : Format::Plain;
}

bool is_ours(std::string_view name, Format format) {
  const std::string lower = ascii_lower(name);
  return lower.starts_with("webhook-") || (is_cloudevent(format) && lower.starts_with("ce-"));
}

void read_headers(const json::Value& settings, ActionSettings& action, const ProblemFn& problem) {
  const json::Value* headers = settings.find("headers");
  if (headers == nullptr || !headers->is_object()) return;
  std::set<std::string> seen;
  for (const auto& [name, value] : headers->members()) {
    const std::string pointer = json::join_pointer("/headers", name);
    if (!common::is_header_name(name)) {
      problem(pointer, "is no header name");
    } else if (common::is_reserved_header(name) || is_ours(name, action.format)) {
      problem(pointer, "this header is set by observerd and cannot be configured");
    } else if (!seen.insert(ascii_lower(name)).second) {
      problem(pointer, "this header is there twice (case does not matter)");
    } else if (!is_template(value.text()) && !common::is_header_value(trim(value.text()))) {
      problem(pointer, "a header value holds no line breaks or other control characters");
    } else {
      action.headers.emplace_back(name, trim(value.text()));
    }
  }
}

void read_body(const json::Value& settings, ActionSettings& action, const ProblemFn& problem) {
  action.method = settings.string_or("method", action.method);
  if (const json::Value* body = settings.find("body")) {
    if (action.method == "GET") problem("/body", "GET sends no body");
    action.body = body_text(*body);
  }
  const bool has_header = common::find_header(action.headers, "Content-Type") != nullptr;
  if (has_header && is_cloudevent(action.format)) {
    problem("/headers/Content-Type", "a CloudEvent says what its data is in content_type");
    return;
  }
  if (settings.find("content_type") == nullptr) return;
  action.content_type = settings.string_or("content_type");
  if (has_header) problem("/content_type", "the headers have a Content-Type as well");
  if (!common::is_header_value(action.content_type)) {
    problem("/content_type", "a header value holds no line breaks or other control characters");
  }
}

void read_signing(const json::Value& settings, ActionSettings& action, const ProblemFn& problem) {
  std::vector<std::string> secrets;
  const auto add = [&](const std::string& pointer, const std::string& secret) {
    const auto alone = common::WebhookSigner::create({secret});
    if (!alone) {
      problem(pointer, alone.status().message());
      return;
    }
    secrets.push_back(secret);
  };
  if (const json::Value* secret = settings.find("signing_secret")) {
    add("/signing_secret", secret->text());
  }
  if (const json::Value* list = settings.find("signing_secrets")) {
    for (std::size_t i = 0; i < list->items().size(); ++i) {
      add(json::join_pointer("/signing_secrets", i), list->items()[i].text());
    }
  }
  const bool has_any =
      settings.find("signing_secret") != nullptr || settings.find("signing_secrets") != nullptr;
  if (action.format == Format::Standard && !has_any) {
    problem("/format", "standard needs signing_secret or signing_secrets");
  }
  if (secrets.empty()) return;
  auto signer = common::WebhookSigner::create(secrets);
  if (signer) action.signer = std::make_shared<const common::WebhookSigner>(std::move(*signer));
}

void read_cloudevent(const json::Value& settings, ActionSettings& action,
                     const ProblemFn& problem) {
  if (is_cloudevent(action.format) && action.method == "GET") {
    problem("/method", "GET sends no body, and a CloudEvent is one");
  }
  const auto read = [&](const char* name, std::string& to) {
    const json::Value* value = settings.find(name);
    if (value == nullptr) return;
    to = value->text();
    const std::string pointer = std::string("/") + name;
    if (!is_cloudevent(action.format)) {
      problem(pointer, "needs format \"cloudevents\" or \"cloudevents-binary\"");
    } else if (!is_template(to) && !is_attribute_value(to)) {
      problem(pointer, "holds no control characters");
    }
  };
  read("cloudevent_source", action.cloudevent.source);
  read("cloudevent_type", action.cloudevent.type);
}

}  // namespace

bool is_cloudevent(Format format) {
  return format == Format::CloudEvents || format == Format::CloudEventsBinary;
}

ActionSettings parse_action(const json::Value& settings, const common::ClientSettings& module,
                            const ProblemFn& problem) {
  ActionSettings action;
  action.format = read_format(settings);
  read_url(settings, module.client.allow_http, action, problem);
  read_headers(settings, action, problem);
  read_body(settings, action, problem);
  read_signing(settings, action, problem);
  read_cloudevent(settings, action, problem);
  action.codes = common::parse_status_overrides(settings, problem);
  if (common::has_route(settings)) {
    action.route = std::make_shared<const common::Route>(
        common::parse_route(settings, module.client.route, problem));
  }
  return action;
}

std::string body_text(const json::Value& body) {
  return body.is_string() ? body.text() : json::write(body);
}

}  // namespace observerd::webhook
