#include "admin/message.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/strings.hpp"

namespace observerd::admin {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// `plus_is_space`: in a query, as forms write it.
std::optional<std::string> decode(std::string_view text, bool plus_is_space) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  const bool control = std::any_of(out.begin(), out.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  if (control || !is_valid_utf8(out)) return std::nullopt;
  return out;
}

/// Takes the text up to the separator off the front.
std::string_view take(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

/// The weight of a media range's parameters; 1 without one.
double weight(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view parameter = trim(take(parameters, ';'));
    if (parameter.starts_with("q=") || parameter.starts_with("Q=")) {
      return std::strtod(std::string(parameter.substr(2)).c_str(), nullptr);
    }
  }
  return 1;
}

}  // namespace

const std::string* HttpRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (ascii_iequals(key, name)) return &value;
  }
  return nullptr;
}

std::size_t HttpRequest::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(headers.begin(), headers.end(),
                    [name](const auto& header) { return ascii_iequals(header.first, name); }));
}

std::optional<Target> parse_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return std::nullopt;
  target.remove_prefix(1);
  std::string_view path = target.substr(0, target.find('?'));
  std::string_view query = target.substr(std::min(path.size() + 1, target.size()));
  Target out;
  while (!path.empty()) {
    std::optional<std::string> segment = decode(take(path, '/'), false);
    if (!segment) return std::nullopt;
    out.segments.push_back(std::move(*segment));
  }
  while (!query.empty()) {
    std::string_view pair = take(query, '&');
    if (pair.empty()) continue;
    std::optional<std::string> name = decode(take(pair, '='), true);
    std::optional<std::string> value = decode(pair, true);
    if (!name || !value) return std::nullopt;
    out.query.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

bool accepts(const HttpRequest& request, std::string_view type, std::string_view subtype) {
  const std::string* header = request.header("Accept");
  if (header == nullptr || trim(*header).empty()) return true;
  int best = -1;
  double quality = 0;
  for (std::string_view rest = *header; !rest.empty();) {
    std::string_view parameters = take(rest, ',');
    std::string_view range = trim(take(parameters, ';'));
    const std::string_view range_type = take(range, '/');
    const int specific = ascii_iequals(range_type, type)     ? (ascii_iequals(range, subtype) ? 2
                                                                : range == "*"                ? 1
                                                                                              : -1)
                         : range_type == "*" && range == "*" ? 0
                                                             : -1;
    if (specific <= best) continue;
    best = specific;
    quality = weight(parameters);
  }
  return quality > 0;
}

}  // namespace observerd::admin
