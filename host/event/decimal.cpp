#include "event/decimal.hpp"

#include <algorithm>
#include <array>

namespace observerd {
namespace {

__extension__ typedef __int128 Wide;

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

constexpr auto kPowersOfTen = [] {
  std::array<std::int64_t, 19> powers{};
  std::int64_t power = 1;
  for (std::int64_t& entry : powers) {
    entry = power;
    power = power <= 100'000'000'000'000'000 ? power * 10 : power;
  }
  return powers;
}();

/// An integer of any size: a sign and digits without leading zeros ("0" is positive).
struct BigInteger {
  bool negative = false;
  std::string digits = "0";

  std::strong_ordering operator<=>(const BigInteger& other) const {
    if (negative != other.negative) return other.negative <=> negative;
    const auto magnitude = digits.size() != other.digits.size()
                               ? digits.size() <=> other.digits.size()
                               : digits.compare(other.digits) <=> 0;
    return negative ? 0 <=> magnitude : magnitude;
  }
};

std::string add_digits(std::string_view a, std::string_view b) {
  std::string sum;
  int carry = 0;
  for (std::size_t i = 0; i < std::max(a.size(), b.size()) || carry != 0; ++i) {
    if (i < a.size()) carry += a[a.size() - 1 - i] - '0';
    if (i < b.size()) carry += b[b.size() - 1 - i] - '0';
    sum += static_cast<char>('0' + carry % 10);
    carry /= 10;
  }
  std::reverse(sum.begin(), sum.end());
  return sum;
}

/// a - b where a >= b.
std::string subtract_digits(std::string_view a, std::string_view b) {
  std::string difference(a);
  int borrow = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    int digit = a[a.size() - 1 - i] - '0' - borrow;
    if (i < b.size()) digit -= b[b.size() - 1 - i] - '0';
    borrow = digit < 0 ? 1 : 0;
    difference[a.size() - 1 - i] = static_cast<char>('0' + digit + borrow * 10);
  }
  const auto first = std::min(difference.find_first_not_of('0'), difference.size() - 1);
  return difference.substr(first);
}

BigInteger add(const BigInteger& a, std::int64_t b) {
  const BigInteger other{b < 0, std::to_string(b < 0 ? -b : b)};
  if (a.negative == other.negative) return {a.negative, add_digits(a.digits, other.digits)};
  const bool a_is_larger = (BigInteger{false, a.digits} <=> BigInteger{false, other.digits}) >= 0;
  BigInteger sum = a_is_larger
                       ? BigInteger{a.negative, subtract_digits(a.digits, other.digits)}
                       : BigInteger{other.negative, subtract_digits(other.digits, a.digits)};
  if (sum.digits == "0") sum.negative = false;
  return sum;
}

/// A literal taken apart; nothing is copied. Its value is 0.DDD × 10^(written exponent + shift),
/// where DDD are the digits from the first that is not zero.
struct Parts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  bool exponent_negative = false;
  std::string_view exponent;  ///< no sign, no leading zeros; may be empty
  std::size_t first = 0;      ///< first significant digit in whole + fraction
  std::size_t last = 0;       ///< one behind the last digit that is not zero; == first for zero

  explicit Parts(std::string_view literal) {
    if (!literal.empty() && literal.front() == '-') {
      negative = true;
      literal.remove_prefix(1);
    }
    if (const auto e = literal.find_first_of("eE"); e != std::string_view::npos) {
      exponent = literal.substr(e + 1);
      literal = literal.substr(0, e);
      if (!exponent.empty() && (exponent.front() == '-' || exponent.front() == '+')) {
        exponent_negative = exponent.front() == '-';
        exponent.remove_prefix(1);
      }
      exponent.remove_prefix(std::min(exponent.find_first_not_of('0'), exponent.size()));
    }
    const auto point = literal.find('.');
    whole = literal.substr(0, point);
    if (point != std::string_view::npos) fraction = literal.substr(point + 1);
    while (first < size() && digit(first) == '0') ++first;
    last = size();
    while (last > first && digit(last - 1) == '0') --last;
    if (is_zero()) negative = false;
  }

  std::size_t size() const { return whole.size() + fraction.size(); }
  char digit(std::size_t i) const {
    return i < whole.size() ? whole[i] : fraction[i - whole.size()];
  }
  bool is_zero() const { return first == last; }
  std::int64_t shift() const {
    return static_cast<std::int64_t>(whole.size()) - static_cast<std::int64_t>(first);
  }
  /// The decimal point's place where it fits in 64 bits whatever the shift is.
  std::optional<std::int64_t> scale() const {
    if (exponent.size() > 17) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : exponent) value = value * 10 + (c - '0');
    return (exponent_negative ? -value : value) + shift();
  }
  BigInteger big_scale() const {
    return add({exponent_negative && !exponent.empty(),
                exponent.empty() ? std::string("0") : std::string(exponent)},
               shift());
  }
};

std::strong_ordering compare_scales(const Parts& a, const Parts& b) {
  const auto small_a = a.scale();
  const auto small_b = b.scale();
  if (small_a && small_b) return *small_a <=> *small_b;
  return a.big_scale() <=> b.big_scale();
}

std::strong_ordering compare_magnitudes(const Parts& a, const Parts& b) {
  if (a.is_zero() || b.is_zero()) return b.is_zero() <=> a.is_zero();
  if (const auto scales = compare_scales(a, b); scales != 0) return scales;
  const std::size_t length_a = a.last - a.first;
  const std::size_t length_b = b.last - b.first;
  for (std::size_t i = 0; i < std::min(length_a, length_b); ++i) {
    const auto digits = a.digit(a.first + i) <=> b.digit(b.first + i);
    if (digits != 0) return digits;
  }
  return length_a <=> length_b;
}

std::string big_text(const BigInteger& value) {
  return (value.negative ? "-" : "") + value.digits;
}

}  // namespace

std::optional<SmallDecimal> SmallDecimal::parse(std::string_view literal) {
  SmallDecimal out;
  const bool negative = !literal.empty() && literal.front() == '-';
  if (negative) literal.remove_prefix(1);
  if (literal.size() > 19) return std::nullopt;
  int digits = 0;
  bool after_point = false;
  for (const char c : literal) {
    if (is_digit(c)) {
      if (++digits > 18) return std::nullopt;
      out.mantissa = out.mantissa * 10 + (c - '0');
      out.scale += after_point ? 1 : 0;
    } else if (c == '.' && !after_point) {
      after_point = true;
    } else {
      return std::nullopt;
    }
  }
  if (negative) out.mantissa = -out.mantissa;
  return out;
}

std::strong_ordering SmallDecimal::compare_scaled(const SmallDecimal& other) const {
  // Below 10^18 × 10^18: never overflows.
  const auto raised = [](std::int64_t mantissa, int by) {
    return static_cast<Wide>(mantissa) * kPowersOfTen[static_cast<std::size_t>(by)];
  };
  const bool finer = scale > other.scale;
  const Wide a = finer ? mantissa : raised(mantissa, other.scale - scale);
  const Wide b = finer ? raised(other.mantissa, scale - other.scale) : other.mantissa;
  return a < b   ? std::strong_ordering::less
         : a > b ? std::strong_ordering::greater
                 : std::strong_ordering::equal;
}

std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
  if (const auto small_a = SmallDecimal::parse(a)) {
    if (const auto small_b = SmallDecimal::parse(b)) return *small_a <=> *small_b;
  }
  const Parts left(a);
  const Parts right(b);
  if (left.negative != right.negative) return right.negative <=> left.negative;
  return left.negative ? compare_magnitudes(right, left) : compare_magnitudes(left, right);
}

std::string canonical_number(std::string_view literal) {
  // The longest run of zeros that is written out rather than as an exponent, as in ECMAScript.
  constexpr std::int64_t kPlainWhole = 21;
  constexpr std::int64_t kPlainFraction = 6;
  const Parts parts(literal);
  if (parts.is_zero()) return "0";
  std::string digits;
  for (std::size_t i = parts.first; i < parts.last; ++i) digits += parts.digit(i);
  std::string out = parts.negative ? "-" : "";
  const auto scale = parts.scale();
  const auto length = static_cast<std::int64_t>(digits.size());
  if (scale && *scale >= length && *scale <= kPlainWhole) {
    return out + digits + std::string(static_cast<std::size_t>(*scale - length), '0');
  }
  if (scale && *scale > 0 && *scale < length) {
    return out + digits.insert(static_cast<std::size_t>(*scale), 1, '.');
  }
  if (scale && *scale <= 0 && *scale > -kPlainFraction) {
    return out + "0." + std::string(static_cast<std::size_t>(-*scale), '0') + digits;
  }
  if (digits.size() > 1) digits.insert(1, 1, '.');
  return out + digits + 'e' + big_text(add(parts.big_scale(), -1));
}

bool is_number_literal(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t start = at;
    while (at < text.size() && is_digit(text[at])) ++at;
    return at > start;
  };
  if (at < text.size() && text[at] == '-') ++at;
  if (at < text.size() && text[at] == '0') {
    ++at;
  } else if (!digits()) {
    return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    if (!digits()) return false;
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    if (!digits()) return false;
  }
  return at == text.size();
}

}  // namespace observerd
