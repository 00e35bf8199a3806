#include "source/id_ranges.hpp"

#include "source/numbers.hpp"

namespace observerd::source {

Result<IdRanges> parse_ranges(std::string_view text) {
  IdRanges ranges;
  std::string_view rest = text;
  bool good = take(rest, '{');
  while (good && !rest.empty() && rest != "}") {
    IdRange range;
    good = (ranges.empty() || take(rest, ',')) && take(rest, '[') &&
           take_number(rest, range.first) && take(rest, ',') && take_number(rest, range.last) &&
           take(rest, ')');
    --range.last;  // the canonical form excludes its upper bound
    good =
        good && range.first <= range.last && (ranges.empty() || ranges.back().last < range.first);
    ranges.push_back(range);
  }
  if (!good || rest != "}") {
    return Status::error(Code::Storage,
                         "\"" + std::string(text) + "\" is not a bounded int8multirange");
  }
  return ranges;
}

std::string ranges_text(const IdRanges& ranges) {
  std::string text = "{";
  for (const IdRange& range : ranges) {
    if (text.size() > 1) text += ',';
    text += '[' + std::to_string(range.first) + ',' + std::to_string(range.last + 1) + ')';
  }
  return text += '}';
}

}  // namespace observerd::source
