#include <cstdint>

#include "templates/date.hpp"

namespace observerd::templates {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

/// Reads from the left; every step fails when the one before did.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool done() const { return text_.empty(); }
  bool skip(std::string_view any_of) {
    if (text_.empty() || any_of.find(text_[0]) == std::string_view::npos) return false;
    text_.remove_prefix(1);
    return true;
  }
  char peek() const { return text_.empty() ? '\0' : text_[0]; }
  /// Exactly `count` digits, at most `limit`.
  bool number(std::size_t count, int limit, int& out) {
    if (text_.size() < count) return false;
    out = 0;
    for (const char c : text_.substr(0, count)) {
      if (c < '0' || c > '9') return false;
      out = out * 10 + (c - '0');
    }
    text_.remove_prefix(count);
    return out <= limit;
  }
  /// The digits behind a decimal point, as microseconds; further ones are cut off.
  bool fraction(microseconds& out) {
    std::int64_t value = 0;
    std::size_t digits = 0;
    for (; digits < text_.size() && text_[digits] >= '0' && text_[digits] <= '9'; ++digits) {
      if (digits < 6) value = value * 10 + (text_[digits] - '0');
    }
    for (std::size_t i = digits; i < 6; ++i) value *= 10;
    text_.remove_prefix(digits);
    out = microseconds(value);
    return digits > 0;
  }

 private:
  std::string_view text_;
};

bool read_day(Cursor& in, sys_days& out) {
  int y = 0;
  int m = 0;
  int d = 0;
  if (!in.number(4, 9999, y) || !in.skip("-") || !in.number(2, 12, m) || !in.skip("-") ||
      !in.number(2, 31, d)) {
    return false;
  }
  const year_month_day date{year(y), std::chrono::month(static_cast<unsigned>(m)),
                            std::chrono::day(static_cast<unsigned>(d))};
  out = sys_days(date);
  return date.ok();
}

bool read_clock(Cursor& in, microseconds& out) {
  int h = 0;
  int m = 0;
  int s = 0;
  microseconds fraction{0};
  if (!in.number(2, 23, h) || !in.skip(":") || !in.number(2, 59, m)) return false;
  if (in.skip(":")) {
    // A leap second (RFC 3339 section 5.7) becomes the first second of the next minute.
    if (!in.number(2, 60, s)) return false;
    if (in.skip(".,") && !in.fraction(fraction)) return false;
  }
  out = hours(h) + minutes(m) + seconds(s) + fraction;
  return true;
}

bool read_offset(Cursor& in, seconds& out) {
  if (in.done() || in.skip("Zz")) return true;
  const bool west = in.peek() == '-';
  int h = 0;
  int m = 0;
  int s = 0;
  if (!in.skip("+-") || !in.number(2, 23, h)) return false;
  if (!in.done()) {
    const bool colon = in.skip(":");
    if (!in.number(2, 59, m)) return false;
    if (colon && in.skip(":") && !in.number(2, 59, s)) return false;
  }
  out = hours(h) + minutes(m) + seconds(s);
  if (west) out = -out;
  return true;
}

}  // namespace

std::optional<CivilTime> read_timestamp(std::string_view text) {
  Cursor in(text);
  sys_days day;
  microseconds clock{0};
  seconds offset{0};
  if (!read_day(in, day)) return std::nullopt;
  if (!in.done()) {
    if (!in.skip("Tt ") || !read_clock(in, clock) || !read_offset(in, offset) || !in.done()) {
      return std::nullopt;
    }
  }
  const auto moment = day + clock - offset;
  CivilTime out;
  out.day = floor<days>(moment);
  out.time = moment - out.day;
  return out;
}

}  // namespace observerd::templates
