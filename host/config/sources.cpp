#include <algorithm>

#include "config/load.hpp"

namespace observerd::config {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/// The last character before `at` that is no white space, or npos.
std::size_t back_over_space(std::string_view text, std::size_t at) {
  while (at > 0 && is_space(text[at - 1])) --at;
  return at == 0 ? std::string_view::npos : at - 1;
}

/// Where the name of the member starts whose value is at `value`. Found by reading backwards, which
/// a comment would fool: so the name must really stand there.
std::size_t name_offset(std::string_view text, std::string_view name, std::size_t value) {
  const std::size_t colon = back_over_space(text, value);
  if (colon == std::string_view::npos || text[colon] != ':') return value;
  const std::size_t end = back_over_space(text, colon);
  if (end == std::string_view::npos || text[end] != '"') return value;
  const std::string written = json::quote(name);
  if (end + 1 < written.size()) return value;
  const std::size_t start = end + 1 - written.size();
  return text.substr(start, written.size()) == written ? start : value;
}

}  // namespace

std::uint32_t Sources::add(std::string file, std::string text) {
  Source source{std::move(file), std::move(text), {0}};
  for (std::size_t at = source.text.find('\n'); at != std::string::npos;
       at = source.text.find('\n', at + 1)) {
    source.line_starts.push_back(static_cast<std::uint32_t>(at + 1));
  }
  sources_.push_back(std::move(source));
  return static_cast<std::uint32_t>(sources_.size() - 1);
}

Place Sources::place(json::Origin origin, std::string pointer) const {
  Place place;
  place.pointer = std::move(pointer);
  if (origin.source >= sources_.size()) return place;
  const Source& source = sources_[origin.source];
  const auto next =
      std::upper_bound(source.line_starts.begin(), source.line_starts.end(), origin.offset);
  place.file = source.file;
  place.line = static_cast<int>(next - source.line_starts.begin());
  place.column = static_cast<int>(origin.offset - *std::prev(next)) + 1;
  return place;
}

Place Sources::name_place(std::string_view name, json::Origin value, std::string pointer) const {
  if (value.source < sources_.size() && value.offset <= sources_[value.source].text.size()) {
    value.offset =
        static_cast<std::uint32_t>(name_offset(sources_[value.source].text, name, value.offset));
  }
  return place(value, std::move(pointer));
}

const std::string& Sources::text(std::uint32_t source) const {
  return sources_.at(source).text;
}

const std::string& Sources::file(std::uint32_t source) const {
  return sources_.at(source).file;
}

}  // namespace observerd::config
