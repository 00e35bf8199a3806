#include <algorithm>
#include <array>

#include "templates/date.hpp"
#include "templates/filters.hpp"

namespace observerd::templates {
namespace {

using Kind = Filter::Kind;
using Argument = FilterRule::Argument;

constexpr std::size_t kMaxDecimals = 100;
constexpr std::size_t kMaxTruncate = 10'000'000;

constexpr std::array kRules{
    FilterRule{"number", Kind::Number, Argument::Count},
    FilterRule{"default", Kind::Default, Argument::Literal},
    FilterRule{"upper", Kind::Upper, Argument::None},
    FilterRule{"lower", Kind::Lower, Argument::None},
    FilterRule{"trim", Kind::Trim, Argument::None},
    FilterRule{"truncate", Kind::Truncate, Argument::Count},
    FilterRule{"json", Kind::Json, Argument::None},
    FilterRule{"date", Kind::Date, Argument::Format},
    FilterRule{"urlencode", Kind::UrlEncode, Argument::None},
    FilterRule{"first", Kind::First, Argument::None},
    FilterRule{"last", Kind::Last, Argument::None},
    FilterRule{"join", Kind::Join, Argument::Text},
    FilterRule{"length", Kind::Length, Argument::None},
};

/// Whole digits up to `limit`.
std::optional<std::size_t> count_of(const json::Value& value, std::size_t limit) {
  if (!value.is_number() || value.text().size() > 9 ||
      value.text().find_first_not_of("0123456789") != std::string::npos) {
    return std::nullopt;
  }
  const std::size_t count = std::stoul(value.text());
  return count <= limit ? std::optional(count) : std::nullopt;
}

}  // namespace

std::string FilterRule::accept(const std::optional<json::Value>& given, Filter& out) const {
  out.kind = kind;
  const std::string start = "the filter \"" + std::string(name) + "\" ";
  switch (argument) {
    case Argument::None:
      return given ? start + "takes no argument" : "";
    case Argument::Count: {
      const std::size_t limit = kind == Kind::Number ? kMaxDecimals : kMaxTruncate;
      const auto count = given ? count_of(*given, limit) : std::nullopt;
      if (!count) {
        return start + "needs a whole number from 0 to " + std::to_string(limit) + ", as in " +
               std::string(name) + ": " + (kind == Kind::Number ? "2" : "80");
      }
      out.count = *count;
      return "";
    }
    case Argument::Text:
      if (!given || !given->is_string()) {
        return start + "needs a quoted string, as in join: \", \"";
      }
      break;
    case Argument::Format:
      if (!given || !given->is_string()) {
        return start + "needs a quoted format, as in date: \"%Y-%m-%d\"";
      }
      if (const std::string bad = unknown_conversion(given->text()); !bad.empty()) {
        return start + "does not know \"" + bad + "\"";
      }
      break;
    case Argument::Literal:
      if (!given) return start + "needs a value, as in default: \"none\"";
      break;
  }
  out.argument = *given;
  return "";
}

const FilterRule* find_filter(std::string_view name) {
  const auto found = std::find_if(kRules.begin(), kRules.end(),
                                  [&](const FilterRule& rule) { return rule.name == name; });
  return found == kRules.end() ? nullptr : &*found;
}

const std::vector<std::string>& filter_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const FilterRule& rule : kRules) all.emplace_back(rule.name);
    return all;
  }();
  return names;
}

std::string_view filter_name(Kind kind) {
  return std::find_if(kRules.begin(), kRules.end(),
                      [&](const FilterRule& rule) { return rule.kind == kind; })
      ->name;
}

}  // namespace observerd::templates
