#include "common/retry_after.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/strings.hpp"

namespace observerd::common {
namespace {

constexpr std::array<std::string_view, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

constexpr std::chrono::year kFirstYear{1970};
constexpr std::chrono::year kLastYear{2200};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// Eats the text from the left; the first mismatch makes everything after it fail. strptime would
// do, but follows the locale of the process and takes white space and case loosely.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : rest_(text) {}
  bool done() const { return ok_ && rest_.empty(); }

  Cursor& literal(std::string_view expected) {
    ok_ = ok_ && rest_.substr(0, expected.size()) == expected;
    if (ok_) rest_.remove_prefix(expected.size());
    return *this;
  }
  Cursor& number(std::size_t digits, int& value) {
    ok_ = ok_ && rest_.size() >= digits;
    value = 0;
    for (std::size_t i = 0; ok_ && i < digits; ++i) {
      ok_ = is_digit(rest_[i]);
      value = value * 10 + (rest_[i] - '0');
    }
    if (ok_) rest_.remove_prefix(digits);
    return *this;
  }
  /// asctime: " 6" or "16".
  Cursor& padded_day(int& value) {
    if (!rest_.empty() && rest_.front() == ' ') return literal(" ").number(1, value);
    return number(2, value);
  }
  template <std::size_t N>
  Cursor& name(const std::array<std::string_view, N>& names, int& index) {
    for (std::size_t i = 0; ok_ && i < N; ++i) {
      if (rest_.substr(0, names[i].size()) == names[i]) {
        rest_.remove_prefix(names[i].size());
        index = static_cast<int>(i);
        return *this;
      }
    }
    ok_ = false;
    return *this;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct Parts {
  int weekday = 0, day = 0, month = 0, year = 0, hour = 0, minute = 0, second = 0;
};

Cursor& time_of_day(Cursor& cursor, Parts& parts) {
  return cursor.number(2, parts.hour)
      .literal(":")
      .number(2, parts.minute)
      .literal(":")
      .number(2, parts.second);
}

bool imf_fixdate(std::string_view text, Parts& parts) {  // Sun, 06 Nov 1994 08:49:37 GMT
  Cursor cursor(text);
  cursor.name(kDays, parts.weekday).literal(", ").number(2, parts.day).literal(" ");
  cursor.name(kMonths, parts.month).literal(" ").number(4, parts.year).literal(" ");
  return time_of_day(cursor, parts).literal(" GMT").done();
}

bool rfc850(std::string_view text, Parts& parts) {  // Sunday, 06-Nov-94 08:49:37 GMT
  Cursor cursor(text);
  cursor.name(kLongDays, parts.weekday).literal(", ").number(2, parts.day).literal("-");
  cursor.name(kMonths, parts.month).literal("-").number(2, parts.year).literal(" ");
  return time_of_day(cursor, parts).literal(" GMT").done();
}

bool asctime_date(std::string_view text, Parts& parts) {  // Sun Nov  6 08:49:37 1994
  Cursor cursor(text);
  cursor.name(kDays, parts.weekday).literal(" ").name(kMonths, parts.month).literal(" ");
  cursor.padded_day(parts.day).literal(" ");
  return time_of_day(cursor, parts).literal(" ").number(4, parts.year).done();
}

std::optional<WallTime> to_time(const Parts& parts) {
  const std::chrono::year_month_day date{std::chrono::year(parts.year),
                                         std::chrono::month(static_cast<unsigned>(parts.month + 1)),
                                         std::chrono::day(static_cast<unsigned>(parts.day))};
  // A leap second (60) is legal and becomes the next minute.
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) return std::nullopt;
  // Nanoseconds since 1970 end in 2262; what is that far away is only "later".
  const std::chrono::year_month_day near{std::clamp(date.year(), kFirstYear, kLastYear),
                                         date.month(), date.day()};
  return WallTime(std::chrono::sys_days(near)) + std::chrono::hours(parts.hour) +
         std::chrono::minutes(parts.minute) + std::chrono::seconds(parts.second);
}

int full_year(int two_digits, WallTime now) {
  const std::chrono::year_month_day today{std::chrono::floor<std::chrono::days>(now)};
  const int this_year = static_cast<int>(today.year());
  const int year = this_year / 100 * 100 + two_digits;
  return year > this_year + 50 ? year - 100 : year;
}

}  // namespace

std::optional<WallTime> parse_http_date(std::string_view text, WallTime now) {
  Parts parts;
  if (imf_fixdate(text, parts) || asctime_date(text, parts)) return to_time(parts);
  if (!rfc850(text, parts)) return std::nullopt;
  parts.year = full_year(parts.year, now);
  return to_time(parts);
}

std::optional<Milliseconds> parse_retry_after(std::string_view text, WallTime now) {
  constexpr std::int64_t kMostSeconds = std::int64_t{365} * 24 * 3600;
  text = trim(text);
  if (text.empty()) return std::nullopt;
  if (!is_digit(text.front())) {
    const auto date = parse_http_date(text, now);
    if (!date || *date <= now) return std::nullopt;
    const auto wait = std::chrono::ceil<Milliseconds>(*date - now);
    return std::min(wait, Milliseconds(kMostSeconds * 1000));
  }
  std::int64_t seconds = 0;
  std::size_t at = 0;
  for (; at < text.size() && is_digit(text[at]); ++at) {
    seconds = std::min(seconds * 10 + (text[at] - '0'), kMostSeconds);
  }
  if (at == text.size()) return Milliseconds(seconds * 1000);
  const std::string_view fraction = text.substr(at + 1);
  if (text[at] != '.' || fraction.empty() ||
      fraction.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  if (fraction.find_first_not_of('0') != std::string_view::npos) ++seconds;
  return Milliseconds(seconds * 1000);
}

}  // namespace observerd::common
