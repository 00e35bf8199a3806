#include "common/status_overrides.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace observerd::common {
namespace {

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

StatusOverrides parse_status_overrides(const json::Value& settings, const ProblemFn& problem) {
  StatusOverrides codes;
  codes.success = read_codes(settings, "success_codes", problem);
  codes.retry = read_codes(settings, "retry_codes", problem);
  codes.permanent = read_codes(settings, "permanent_codes", problem);
  refuse_overlap(codes.success, codes.retry, "success_codes", "retry_codes", problem);
  refuse_overlap(codes.success, codes.permanent, "success_codes", "permanent_codes", problem);
  refuse_overlap(codes.retry, codes.permanent, "retry_codes", "permanent_codes", problem);
  return codes;
}

}  // namespace observerd::common
