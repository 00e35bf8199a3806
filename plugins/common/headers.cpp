#include "common/headers.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace observerd::common {

bool is_header_name(std::string_view name) {
  constexpr std::string_view kToken =
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !name.empty() && name.find_first_not_of(kToken) == std::string_view::npos;
}

bool is_header_value(std::string_view value) {
  const auto is_space = [](char c) { return c == ' ' || c == '\t'; };
  if (!value.empty() && (is_space(value.front()) || is_space(value.back()))) return false;
  return std::none_of(value.begin(), value.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
  });
}

bool is_reserved_header(std::string_view name) {
  constexpr std::string_view kReserved[] = {"accept-encoding",
                                            "connection",
                                            "content-length",
                                            "expect",
                                            "host",
                                            "http2-settings",
                                            "keep-alive",
                                            "te",
                                            "trailer",
                                            "upgrade",
                                            "transfer-encoding"};
  if (ascii_lower(name.substr(0, 6)) == "proxy-") return true;
  return std::any_of(std::begin(kReserved), std::end(kReserved),
                     [&](std::string_view reserved) { return ascii_iequals(name, reserved); });
}

const std::string* find_header(const Headers& headers, std::string_view name) {
  for (const auto& [header, value] : headers) {
    if (ascii_iequals(header, name)) return &value;
  }
  return nullptr;
}

}  // namespace observerd::common
