#include <cstdio>
#include <limits>

#include "event/event.hpp"

namespace observerd {
namespace {

using Microseconds = std::chrono::microseconds;

/// Reads fixed-width decimal fields of one text.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  /// Exactly `width` digits.
  bool number(std::size_t width, int& out) {
    if (text_.size() - at_ < width) return false;
    out = 0;
    for (std::size_t i = 0; i < width; ++i, ++at_) {
      if (!digit_here()) return false;
      out = out * 10 + (text_[at_] - '0');
    }
    return true;
  }
  bool any_of(std::string_view characters, char& out) {
    if (at_ >= text_.size() || characters.find(text_[at_]) == std::string_view::npos) return false;
    out = text_[at_++];
    return true;
  }
  bool one(char wanted) {
    char ignored = 0;
    return any_of({&wanted, 1}, ignored);
  }
  /// The digits of a fraction of a second, cut to microseconds.
  bool fraction(Microseconds& out) {
    int value = 0;
    int digits = 0;
    for (; at_ < text_.size() && digit_here(); ++at_, ++digits) {
      if (digits < 6) value = value * 10 + (text_[at_] - '0');
    }
    for (int i = digits; i < 6; ++i) value *= 10;
    out = Microseconds(value);
    return digits > 0;
  }
  bool done() const { return at_ == text_.size(); }

 private:
  bool digit_here() const { return text_[at_] >= '0' && text_[at_] <= '9'; }
  std::string_view text_;
  std::size_t at_ = 0;
};

/// "Z" or "+hh:mm" (RFC 3339 section 5.6, time-offset).
bool read_offset(Scanner& in, std::chrono::minutes& out) {
  char sign = 0;
  if (!in.any_of("Zz+-", sign)) return false;
  if (sign == 'Z' || sign == 'z') return true;
  int hours = 0;
  int minutes = 0;
  if (!in.number(2, hours) || !in.one(':') || !in.number(2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  out = std::chrono::minutes(hours * 60 + minutes) * (sign == '-' ? -1 : 1);
  return true;
}

}  // namespace

std::string format_time(WallTime time) {
  const auto micros = std::chrono::floor<Microseconds>(time);
  const auto day = std::chrono::floor<std::chrono::days>(micros);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Microseconds> clock(micros - day);
  char text[64];
  std::snprintf(
      text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%06dZ", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

std::optional<WallTime> parse_time(std::string_view text) {
  Scanner in(text);
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  char separator = 0;
  if (!in.number(4, year) || !in.one('-') || !in.number(2, month) || !in.one('-') ||
      !in.number(2, day) || !in.any_of("Tt ", separator) || !in.number(2, hour) || !in.one(':') ||
      !in.number(2, minute) || !in.one(':') || !in.number(2, second)) {
    return std::nullopt;
  }
  Microseconds fraction{0};
  if (in.one('.') && !in.fraction(fraction)) return std::nullopt;
  std::chrono::minutes offset{0};
  if (!read_offset(in, offset) || !in.done()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  // 60 is a leap second (RFC 3339 section 5.7): the first instant of the next minute.
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
  const Microseconds since_epoch = std::chrono::sys_days(date).time_since_epoch() +
                                   std::chrono::hours(hour) + std::chrono::minutes(minute) +
                                   std::chrono::seconds(second) + fraction - offset;
  // The system clock counts nanoseconds in 64 bits: 1677 to 2262.
  constexpr auto kLimit = std::chrono::duration_cast<Microseconds>(WallTime::duration::max());
  if (since_epoch > kLimit || since_epoch < -kLimit) return std::nullopt;
  return WallTime(std::chrono::duration_cast<WallTime::duration>(since_epoch));
}

}  // namespace observerd
