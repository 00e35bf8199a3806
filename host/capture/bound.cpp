#include "capture/bound.hpp"

#include <algorithm>

#include "base/strings.hpp"

namespace observerd::capture {
namespace {

/// The parts that are neither, each once, joined.
std::string joined(const std::vector<Bound>& bounds, const char* word) {
  std::vector<std::string> parts;
  for (const Bound& bound : bounds) {
    if (bound.is_never() || bound.is_always()) continue;
    if (std::find(parts.begin(), parts.end(), bound.sql()) == parts.end()) {
      parts.push_back(bound.sql());
    }
  }
  if (parts.size() == 1) return parts.front();
  return parts.empty() ? std::string() : '(' + join(parts, word) + ')';
}

}  // namespace

Bound all_of(const std::vector<Bound>& bounds) {
  if (std::any_of(bounds.begin(), bounds.end(), [](const Bound& b) { return b.is_never(); })) {
    return Bound::never();
  }
  std::string sql = joined(bounds, " AND ");
  return sql.empty() ? Bound::always() : Bound::when(std::move(sql));
}

Bound any_of(const std::vector<Bound>& bounds) {
  if (std::any_of(bounds.begin(), bounds.end(), [](const Bound& b) { return b.is_always(); })) {
    return Bound::always();
  }
  std::string sql = joined(bounds, " OR ");
  return sql.empty() ? Bound::never() : Bound::when(std::move(sql));
}

}  // namespace observerd::capture
