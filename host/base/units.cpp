#include "base/units.hpp"

#include <charconv>
#include <iterator>
#include <string>
#include <string_view>

namespace observerd {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

constexpr Unit kDurations[] = {
    {"d", 24LL * 3'600'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}, {"ms", 1}};
constexpr std::int64_t kLongest = 36'525LL * 24 * 3'600'000;  // a hundred years

constexpr Unit kBytes[] = {{"TiB", 1LL << 40},
                           {"TB", 1'000'000'000'000},
                           {"GiB", 1LL << 30},
                           {"GB", 1'000'000'000},
                           {"MiB", 1LL << 20},
                           {"MB", 1'000'000},
                           {"KiB", 1LL << 10},
                           {"kB", 1000},
                           {"B", 1}};
constexpr std::int64_t kMostBytes = 1LL << 62;

/// Digits and a unit of the table, together at most `limit`.
template <std::size_t N>
std::optional<std::int64_t> parse_quantity(std::string_view text, const Unit (&units)[N],
                                           std::int64_t limit) {
  std::int64_t amount = 0;
  const char* const end = text.data() + text.size();
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  const auto [rest, error] = std::from_chars(text.data(), end, amount);
  if (error != std::errc()) return std::nullopt;
  const std::string_view name(rest, static_cast<std::size_t>(end - rest));
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (amount > limit / unit.factor) return std::nullopt;
    return amount * unit.factor;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string format_quantity(std::int64_t amount, const Unit (&units)[N]) {
  std::string shortest;
  for (const Unit& unit : units) {
    if (amount % unit.factor != 0 || (amount == 0 && unit.name != "s" && unit.name != "B"))
      continue;
    std::string text = std::to_string(amount / unit.factor) + std::string(unit.name);
    if (shortest.empty() || text.size() < shortest.size()) shortest = std::move(text);
  }
  return shortest;
}

}  // namespace

std::optional<Milliseconds> parse_duration(std::string_view text) {
  const auto amount = parse_quantity(text, kDurations, kLongest);
  if (!amount) return std::nullopt;
  return Milliseconds(*amount);
}

std::optional<std::int64_t> parse_bytes(std::string_view text) {
  // Digits alone are bytes.
  if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
    return parse_quantity(std::string(text) + "B", kBytes, kMostBytes);
  }
  return parse_quantity(text, kBytes, kMostBytes);
}

std::optional<Rate> parse_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view digits = text.substr(0, slash);
  const auto per = parse_duration("1" + std::string(text.substr(slash + 1)));
  Rate rate;
  const auto [rest, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), rate.count);
  if (error != std::errc() || rest != digits.data() + digits.size() || rate.count < 1 || !per ||
      *per < Milliseconds(1000))
    return std::nullopt;
  rate.per = *per;
  return rate;
}

std::string format_duration(Milliseconds duration) {
  return format_quantity(duration.count(), kDurations);
}

std::string format_bytes(std::int64_t bytes) {
  return format_quantity(bytes, kBytes);
}

}  // namespace observerd
