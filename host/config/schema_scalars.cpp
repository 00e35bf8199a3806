// Keywords for numbers and strings.
#include <re2/re2.h>

#include <charconv>

#include "config/validator_at.hpp"
#include "config/words.hpp"
#include "event/decimal.hpp"

namespace observerd::config {
namespace {

std::size_t code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80 ? 1 : 0;
  return count;
}

bool matches(const std::string& text, const std::string& pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 expression(pattern, options);
  return !expression.ok() || RE2::PartialMatch(text, expression);
}

std::string characters(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " character" : " characters");
}

}  // namespace

std::optional<std::size_t> Validator::At::count(std::string_view name) const {
  const json::Value* found = keyword(name, json::Type::Number);
  if (found == nullptr) return std::nullopt;
  std::size_t out = 0;
  const char* const end = found->text().data() + found->text().size();
  const auto [rest, error] = std::from_chars(found->text().data(), end, out);
  if (error != std::errc() || rest != end) return std::nullopt;
  return out;
}

void Validator::check_number(const At& at) {
  if (!at.value.is_number()) return;
  const std::string& number = at.value.text();
  // exclusiveMinimum is a flag of `minimum` in draft 4 and a limit of its own from draft 6 on.
  const auto limit = [&](std::string_view inclusive, std::string_view exclusive, bool lower) {
    const json::Value* bound = at.keyword(inclusive, json::Type::Number);
    const json::Value* flag = at.keyword(exclusive, json::Type::Boolean);
    const bool strict = flag != nullptr && flag->as_boolean();
    const auto test = [&](const json::Value* edge, bool excludes) {
      if (edge == nullptr) return;
      const auto order = compare_numbers(number, edge->text());
      const bool outside = lower ? order < 0 : order > 0;
      if (!outside && !(excludes && order == 0)) return;
      const char* words =
          excludes ? (lower ? "more than " : "less than ") : (lower ? "at least " : "at most ");
      at.fault("must be " + std::string(words) + edge->text());
    };
    test(bound, strict);
    test(at.keyword(exclusive, json::Type::Number), true);
  };
  limit("minimum", "exclusiveMinimum", true);
  limit("maximum", "exclusiveMaximum", false);
}

void Validator::check_string(const At& at) {
  if (!at.value.is_string()) return;
  const std::string& text = at.value.text();
  const auto least = at.count("minLength");
  const auto most = at.count("maxLength");
  if (least || most) {
    const std::size_t length = code_points(text);
    if (least && length < *least) {
      at.fault(*least == 1 ? "must not be empty" : "must have at least " + characters(*least));
    }
    if (most && length > *most) at.fault("must have at most " + characters(*most));
  }
  const json::Value* pattern = at.keyword("pattern", json::Type::String);
  if (pattern != nullptr && !matches(text, pattern->text())) {
    at.fault("must match the pattern " + pattern->text());
  }
}

}  // namespace observerd::config
