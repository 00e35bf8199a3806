#include "templates/date.hpp"

#include <array>
#include <cstdint>

namespace observerd::templates {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year_month_day;

constexpr std::string_view kConversions = "YymdejHIMSfpaAbBFTRsuwGVzZnt%";
constexpr std::array<std::string_view, 12> kMonths{"January",   "February", "March",    "April",
                                                   "May",       "June",     "July",     "August",
                                                   "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 7> kDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                "Thursday", "Friday", "Saturday"};

std::string padded(std::int64_t value, std::size_t width, char fill = '0') {
  const std::string digits = std::to_string(value);
  return digits.size() < width ? std::string(width - digits.size(), fill) + digits : digits;
}

/// Year and week of ISO 8601: those of the Thursday of the same week.
struct IsoWeek {
  int year;
  int week;
};
IsoWeek iso_week(sys_days day) {
  const sys_days thursday = day + days(4) - days(weekday(day).iso_encoding());
  const std::chrono::year of = year_month_day(thursday).year();
  const auto since = thursday - sys_days(of / 1 / 1);
  return {static_cast<int>(of), static_cast<int>(since.count() / 7) + 1};
}

void convert(std::string& out, char what, const CivilTime& time) {
  const year_month_day date(time.day);
  const int y = static_cast<int>(date.year());
  const unsigned m = static_cast<unsigned>(date.month());
  const unsigned d = static_cast<unsigned>(date.day());
  const std::chrono::hh_mm_ss clock(time.time);
  const auto h = clock.hours().count();
  const weekday day(time.day);
  switch (what) {
    case 'Y':
      out += padded(y, 4);
      break;
    case 'y':
      out += padded(((y % 100) + 100) % 100, 2);
      break;
    case 'm':
      out += padded(m, 2);
      break;
    case 'd':
      out += padded(d, 2);
      break;
    case 'e':
      out += padded(d, 2, ' ');
      break;
    case 'j':
      out += padded((time.day - sys_days(date.year() / 1 / 1)).count() + 1, 3);
      break;
    case 'H':
      out += padded(h, 2);
      break;
    case 'I':
      out += padded((h + 11) % 12 + 1, 2);
      break;
    case 'M':
      out += padded(clock.minutes().count(), 2);
      break;
    case 'S':
      out += padded(clock.seconds().count(), 2);
      break;
    case 'f':
      out += padded(clock.subseconds().count(), 6);
      break;
    case 'p':
      out += h < 12 ? "AM" : "PM";
      break;
    case 'a':
      out += kDays[day.c_encoding()].substr(0, 3);
      break;
    case 'A':
      out += kDays[day.c_encoding()];
      break;
    case 'b':
      out += kMonths[m - 1].substr(0, 3);
      break;
    case 'B':
      out += kMonths[m - 1];
      break;
    case 'F':
      out += format_date(time, "%Y-%m-%d");
      break;
    case 'T':
      out += format_date(time, "%H:%M:%S");
      break;
    case 'R':
      out += format_date(time, "%H:%M");
      break;
    case 's':
      out += std::to_string(floor<seconds>(time.day + time.time).time_since_epoch().count());
      break;
    case 'u':
      out += std::to_string(day.iso_encoding());
      break;
    case 'w':
      out += std::to_string(day.c_encoding());
      break;
    case 'G':
      out += padded(iso_week(time.day).year, 4);
      break;
    case 'V':
      out += padded(iso_week(time.day).week, 2);
      break;
    case 'z':
      out += "+0000";
      break;
    case 'Z':
      out += "UTC";
      break;
    case 'n':
      out += '\n';
      break;
    case 't':
      out += '\t';
      break;
    default:
      out += '%';
      break;
  }
}

}  // namespace

std::string format_date(const CivilTime& time, std::string_view format) {
  std::string out;
  for (std::size_t at = 0; at < format.size(); ++at) {
    if (format[at] == '%' && at + 1 < format.size()) {
      convert(out, format[++at], time);
    } else {
      out += format[at];
    }
  }
  return out;
}

std::string unknown_conversion(std::string_view format) {
  for (std::size_t at = format.find('%'); at != std::string_view::npos;
       at = format.find('%', at + 2)) {
    if (at + 1 >= format.size() || kConversions.find(format[at + 1]) == std::string_view::npos) {
      return std::string(format.substr(at, 2));
    }
  }
  return "";
}

}  // namespace observerd::templates
