#include "cache/purger.hpp"

#include <algorithm>

namespace observerd::cache {
namespace {

constexpr std::size_t kMostTagBytes = 1'024;

bool is_tag(const std::string& tag) {
  return !tag.empty() && tag.size() <= kMostTagBytes &&
         std::all_of(tag.begin(), tag.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != ','; });
}

}  // namespace

std::optional<std::vector<std::string>> tag_headers(const std::vector<std::string>& tags,
                                                    std::size_t most_tags, std::size_t most_bytes) {
  std::vector<std::string> headers;
  std::size_t count = 0;
  for (const std::string& tag : tags) {
    if (!is_tag(tag)) return std::nullopt;
    if (headers.empty() || count == most_tags ||
        headers.back().size() + 1 + tag.size() > most_bytes) {
      headers.push_back(tag);
      count = 1;
    } else {
      headers.back() += " " + tag;
      ++count;
    }
  }
  return headers;
}

common::Url url_at(const common::Url& base, const std::string& path) {
  common::Url url = base;
  while (url.text.ends_with('/')) url.text.pop_back();
  url.text += path;
  return url;
}

std::string path_of(const common::Url& url) {
  const std::size_t begin = url.text.find("://") + 3;
  const std::size_t end = url.text.find_first_of("/?", begin);
  if (end == std::string::npos) return "/";
  return (url.text[end] == '?' ? "/" : "") + url.text.substr(end);
}

std::variant<std::vector<common::Url>, sdk::Result> parse_urls(
    const std::vector<std::string>& texts) {
  std::vector<common::Url> urls;
  for (const std::string& text : texts) {
    auto url = common::parse_url(text);
    if (!url) return sdk::rejected("bad_url", url.status().message());
    urls.push_back(*std::move(url));
  }
  return urls;
}

sdk::Result bad_tag() {
  return sdk::rejected("cache_bad_tag",
                       "a tag of this event is empty, longer than 1024 bytes, or holds a space, a"
                       " comma, or what is not ASCII");
}

}  // namespace observerd::cache
