#include "app/secret_parts.hpp"

#include <algorithm>
#include <string_view>

namespace observerd::app {
namespace {

constexpr std::size_t kShortestTarget = 8;
constexpr std::size_t kShortestQueryValue = 8;
constexpr std::size_t kShortestSegment = 12;

/// Path and query; empty when the text is no URL with an authority.
std::string_view target_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos || scheme == 0) return {};
  const std::size_t start = url.find_first_of("/?", scheme + 3);
  if (start == std::string_view::npos) return {};
  return url.substr(start, url.find('#', start) - start);
}

/// Calls `take` for each piece of `text` between the separators.
template <typename Take>
void split(std::string_view text, char separator, Take take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

void add_parts(std::string_view url, std::vector<std::string>& parts) {
  const auto add = [&parts](std::string_view part, std::size_t shortest) {
    if (part.size() >= shortest) parts.emplace_back(part);
  };
  const std::string_view target = target_of(url);
  add(target, kShortestTarget);
  const std::size_t question = std::min(target.find('?'), target.size());
  split(target.substr(0, question), '/',
        [&](std::string_view segment) { add(segment, kShortestSegment); });
  split(target.substr(std::min(question + 1, target.size())), '&', [&](std::string_view pair) {
    const std::size_t equals = pair.find('=');
    add(equals == std::string_view::npos ? pair : pair.substr(equals + 1), kShortestQueryValue);
  });
}

}  // namespace

std::vector<std::string> with_url_parts(std::vector<std::string> secrets) {
  std::vector<std::string> parts;
  for (const std::string& secret : secrets) add_parts(secret, parts);
  secrets.insert(secrets.end(), parts.begin(), parts.end());
  return secrets;
}

}  // namespace observerd::app
