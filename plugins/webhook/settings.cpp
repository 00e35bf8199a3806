#include "webhook/settings.hpp"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/strings.hpp"
#include "base/units.hpp"
#include "common/url.hpp"

namespace observerd::webhook {
namespace {

using common::ProblemFn;
using common::StatusRange;

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

bool is_ours(std::string_view name) {
  return ascii_lower(name.substr(0, 8)) == "webhook-";
}

void read_headers(const json::Value& settings, ActionSettings& action, const ProblemFn& problem) {
  const json::Value* headers = settings.find("headers");
  if (headers == nullptr || !headers->is_object()) return;
  std::set<std::string> seen;
  for (const auto& [name, value] : headers->members()) {
    const std::string pointer = json::join_pointer("/headers", name);
    if (!common::is_header_name(name)) {
      problem(pointer, "is no header name");
    } else if (common::is_reserved_header(name) || is_ours(name)) {
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
  if (settings.string_or("format", "plain") == "standard" && !has_any) {
    problem("/format", "standard needs signing_secret or signing_secrets");
  }
  if (secrets.empty()) return;
  auto signer = common::WebhookSigner::create(secrets);
  if (signer) action.signer = std::make_shared<const common::WebhookSigner>(std::move(*signer));
}

std::optional<StatusRange> parse_range(const json::Value& value) {
  const std::string& text = value.text();
  StatusRange range;
  const char* const end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, range.first);
  if (parsed.ec != std::errc()) return std::nullopt;
  range.last = range.first;
  if (parsed.ptr != end && *parsed.ptr == '-') {
    parsed = std::from_chars(parsed.ptr + 1, end, range.last);
  }
  const bool is_range = parsed.ec == std::errc() && parsed.ptr == end && range.first >= 100 &&
                        range.last <= 599 && range.first <= range.last;
  return is_range ? std::optional(range) : std::nullopt;
}

std::vector<StatusRange> read_codes(const json::Value& settings, const char* name,
                                    const ProblemFn& problem) {
  std::vector<StatusRange> ranges;
  const json::Value* list = settings.find(name);
  if (list == nullptr || !list->is_array()) return ranges;
  for (std::size_t i = 0; i < list->items().size(); ++i) {
    const auto range = parse_range(list->items()[i]);
    if (range) {
      ranges.push_back(*range);
    } else {
      problem(json::join_pointer(std::string("/") + name, i),
              "is neither a status code from 100 to 599 nor a range such as \"520-527\"");
    }
  }
  return ranges;
}

// A code in two lists would leave the reader guessing which one counts.
void refuse_overlap(const std::vector<StatusRange>& a, const std::vector<StatusRange>& b,
                    const char* name_a, const char* name_b, const ProblemFn& problem) {
  for (const auto& x : a) {
    for (const auto& y : b) {
      if (std::max(x.first, y.first) > std::min(x.last, y.last)) continue;
      problem(std::string("/") + name_b,
              std::to_string(std::max(x.first, y.first)) + " is in " + name_a + " as well");
      return;
    }
  }
}

}  // namespace

ActionSettings parse_action(const json::Value& settings, bool allow_http,
                            const ProblemFn& problem) {
  ActionSettings action;
  read_url(settings, allow_http, action, problem);
  read_headers(settings, action, problem);
  read_body(settings, action, problem);
  read_signing(settings, action, problem);
  if (const json::Value* timeout = settings.find("timeout")) {
    action.timeout = parse_duration(timeout->text());
    if (!action.timeout || action.timeout->count() <= 0) {
      problem("/timeout", "is no duration such as \"5s\"");
    }
  }
  auto& codes = action.codes;
  codes.success = read_codes(settings, "success_codes", problem);
  codes.retry = read_codes(settings, "retry_codes", problem);
  codes.permanent = read_codes(settings, "permanent_codes", problem);
  refuse_overlap(codes.success, codes.retry, "success_codes", "retry_codes", problem);
  refuse_overlap(codes.success, codes.permanent, "success_codes", "permanent_codes", problem);
  refuse_overlap(codes.retry, codes.permanent, "retry_codes", "permanent_codes", problem);
  return action;
}

std::string body_text(const json::Value& body) {
  return body.is_string() ? body.text() : json::write(body);
}

bool is_template(std::string_view text) {
  return text.find("{{") != std::string_view::npos;
}

}  // namespace observerd::webhook
