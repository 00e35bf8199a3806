// The numeric members of a Section: each with its range in the message.
#include <charconv>
#include <cmath>

#include "base/units.hpp"
#include "config/section.hpp"
#include "config/words.hpp"

namespace observerd::config {
namespace {

template <typename T>
std::optional<T> parse_whole(const std::string& literal) {
  T out{};
  const char* const end = literal.data() + literal.size();
  const auto [rest, error] = std::from_chars(literal.data(), end, out);
  if (error != std::errc() || rest != end) return std::nullopt;
  return out;
}

std::string range(const std::string& least, const std::string& most) {
  return "must be from " + least + " to " + most;
}

std::string shortest(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  return {text, end};
}

}  // namespace

std::optional<std::int64_t> Section::integer(std::string_view name, std::int64_t least,
                                             std::int64_t most) {
  record(name, {{"type", json::Value::string("integer")},
                {"minimum", json::Value::integer(least)},
                {"maximum", json::Value::integer(most)}});
  const json::Value* value = member(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) {
    problem(name, must_be("a number", *value));
    return std::nullopt;
  }
  const std::string& literal = value->text();
  const std::optional<std::int64_t> number = parse_whole<std::int64_t>(literal);
  if (number && *number >= least && *number <= most) return number;
  const bool whole = literal.find_first_of(".eE") == std::string::npos;
  const std::string limits = std::to_string(least) + " to " + std::to_string(most);
  problem(name, whole ? "must be from " + limits : "must be a whole number from " + limits);
  return std::nullopt;
}

std::optional<double> Section::number(std::string_view name, double least, double most) {
  record(name, {{"type", json::Value::string("number")},
                {"minimum", json::Value::number(shortest(least))},
                {"maximum", json::Value::number(shortest(most))}});
  const json::Value* value = member(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_number()) {
    problem(name, must_be("a number", *value));
    return std::nullopt;
  }
  const std::optional<double> number = parse_whole<double>(value->text());
  if (number && *number >= least && *number <= most) return number;
  problem(name, range(shortest(least), shortest(most)));
  return std::nullopt;
}

std::optional<Milliseconds> Section::duration(std::string_view name, Milliseconds least,
                                              Milliseconds most) {
  record_text(name, {{"pattern", json::Value::string("^[0-9]+(ms|s|m|h|d)$")}});
  const json::Value* value = member(name);
  if (value != nullptr && value->is_number()) {
    problem(name,
            must_be("a duration such as \"1500ms\", \"30s\", \"5m\", \"1h\" or \"7d\"", *value));
    return std::nullopt;
  }
  const std::optional<std::string> text = string(name);
  if (!text) return std::nullopt;
  const std::optional<Milliseconds> duration = parse_duration(*text);
  if (!duration) {
    problem(name, "must be a duration: a whole number and ms, s, m, h or d, such as \"30s\"");
    return std::nullopt;
  }
  if (*duration >= least && *duration <= most) return duration;
  problem(name, range(format_duration(least), format_duration(most)));
  return std::nullopt;
}

std::optional<RateSettings> Section::rate(std::string_view name) {
  record_text(name, {{"pattern", json::Value::string("^0*[1-9][0-9]*/(s|m|h|d)$")}});
  const std::optional<std::string> text = string(name);
  if (!text) return std::nullopt;
  const std::optional<Rate> rate = parse_rate(*text);
  if (rate) return RateSettings{rate->count, rate->per};
  problem(name, "must be a rate: a whole number above 0, \"/\" and s, m, h or d, such as \"50/s\"");
  return std::nullopt;
}

std::optional<std::int64_t> Section::bytes(std::string_view name, std::int64_t least,
                                           std::int64_t most) {
  record_text(name, {{"type", json::Value::array(
                                  {json::Value::string("integer"), json::Value::string("string")})},
                     {"minimum", json::Value::integer(least)},
                     {"maximum", json::Value::integer(most)},
                     {"pattern", json::Value::string("^[0-9]+(B|kB|MB|GB|TB|KiB|MiB|GiB|TiB)?$")}});
  const json::Value* value = member(name);
  std::optional<std::int64_t> amount;
  if (value != nullptr && value->is_number()) {
    amount = parse_bytes(value->text());
  } else {
    const std::optional<std::string> text = string(name);
    if (!text) return std::nullopt;
    amount = parse_bytes(*text);
  }
  if (!amount) {
    problem(name, "must be a size: a whole number, with a unit such as kB, MB, KiB or MiB");
    return std::nullopt;
  }
  if (*amount >= least && *amount <= most) return amount;
  problem(name, range(format_bytes(least), format_bytes(most)));
  return std::nullopt;
}

}  // namespace observerd::config
