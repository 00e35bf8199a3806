#include "common/classify.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.hpp"
#include "common/retry_after.hpp"
#include "common/url.hpp"

namespace observerd::common {
namespace {

constexpr std::size_t kExcerptBytes = 200;

bool any_contains(const std::vector<StatusRange>& ranges, int status) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const StatusRange& range) { return range.contains(status); });
}

std::string describe(const Response& response) {
  std::string text = "HTTP " + std::to_string(response.status);
  const std::string body = excerpt(response.body, kExcerptBytes);
  if (!body.empty()) text += ": " + body;
  return text;
}

sdk::Result redirect(const Response& response) {
  std::string text = "HTTP " + std::to_string(response.status) + ": redirects are not followed";
  const std::string* location = find_header(response.headers, "Location");
  // The host only: the rest of such a URL may be a secret.
  const std::string host = location == nullptr ? "" : host_of_url(*location);
  if (!host.empty()) text += "; it points to " + excerpt(host, kExcerptBytes);
  return sdk::rejected("redirect", std::move(text));
}

sdk::Result transient(const Response& response, std::string code, WallTime now) {
  const std::string* header = find_header(response.headers, "Retry-After");
  const auto wait = header == nullptr ? std::nullopt : parse_retry_after(*header, now);
  const bool is_throttled = response.status == 429 || response.status == 503;
  if (is_throttled && wait && wait->count() > 0) {
    return sdk::throttled(*wait, std::move(code), describe(response));
  }
  return sdk::retry(std::move(code), describe(response)).after(wait.value_or(Milliseconds(0)));
}

bool is_transient(int status) {
  switch (status) {
    case 408:
    case 421:
    case 425:
    case 429:
      return true;
    case 501:
    case 505:
      return false;
    default:
      return status < 200 || status >= 500;  // numbers that HTTP does not have: unknown outcome
  }
}

sdk::Result by_status(const Response& response, WallTime now, const StatusOverrides& overrides) {
  const int status = response.status;
  std::string code = "http_" + std::to_string(status);
  if (any_contains(overrides.success, status)) return sdk::delivered();
  if (any_contains(overrides.permanent, status)) {
    return sdk::rejected(std::move(code), describe(response));
  }
  if (any_contains(overrides.retry, status)) return transient(response, std::move(code), now);
  if (status >= 200 && status < 300) return sdk::delivered();
  if (status >= 300 && status < 400) return redirect(response);
  if (status == 401 || status == 403 || status == 407) {
    return sdk::misconfigured(std::move(code), describe(response));
  }
  if (status == 410) return sdk::gone(std::move(code), describe(response));
  if (is_transient(status)) return transient(response, std::move(code), now);
  return sdk::rejected(std::move(code), describe(response));
}

// What a proxy answered to CONNECT; 0 when it could not be asked at all.
sdk::Result by_proxy_status(int status, std::string code, std::string detail) {
  if (status == 0) return sdk::unavailable(std::move(code), std::move(detail));
  code = "proxy_" + std::to_string(status);
  if (status == 401 || status == 403 || status == 407) {
    return sdk::misconfigured(std::move(code), std::move(detail));
  }
  return sdk::retry(std::move(code), std::move(detail));  // as a rule it did not get through
}

// Length of the well-formed UTF-8 character at the front, or 0.
std::size_t character_length(std::string_view text) {
  for (std::size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (is_valid_utf8(text.substr(0, length))) return length;
  }
  return 0;
}

}  // namespace

sdk::Result classify(const Response& response, WallTime now, const StatusOverrides& overrides) {
  std::string code(error_code(response.error));
  std::string detail = excerpt(response.detail, 2 * kExcerptBytes);
  switch (response.error) {
    case HttpError::None:
    case HttpError::Oversized:
      return by_status(response, now, overrides);
    case HttpError::BadUrl:
      return sdk::rejected(std::move(code), std::move(detail));
    case HttpError::DnsNotFound:
    case HttpError::Certificate:
    case HttpError::AddressRefused:
      return sdk::misconfigured(std::move(code), std::move(detail));
    case HttpError::Proxy:
      return by_proxy_status(response.proxy_status, std::move(code), std::move(detail));
    case HttpError::Cancelled:
      return sdk::cancelled();
    case HttpError::DnsTemporary:
    case HttpError::Refused:
    case HttpError::Reset:
    case HttpError::Unreachable:
    case HttpError::ConnectTimeout:
    case HttpError::Timeout:
    case HttpError::Tls:
    case HttpError::Malformed:
    case HttpError::Truncated:
    case HttpError::Internal:
      break;
  }
  return sdk::retry(std::move(code), std::move(detail));
}

std::string excerpt(std::string_view text, std::size_t most) {
  std::string out;
  bool has_gap = false;
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    const std::size_t length = character_length(text);
    if (byte <= 0x20 || byte == 0x7f) {
      has_gap = !out.empty();
      text.remove_prefix(1);
      continue;
    }
    const std::string_view character = length == 0 ? "?" : text.substr(0, length);
    if (out.size() + has_gap + character.size() > most) return out + "…";
    if (std::exchange(has_gap, false)) out += ' ';
    out += character;
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace observerd::common
