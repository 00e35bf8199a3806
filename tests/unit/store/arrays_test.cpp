#include "store/arrays.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace observerd::store {
namespace {

std::string hex(const pqxx::binarystring& value) {
  std::string out;
  for (const unsigned char byte : value) {
    constexpr const char* kDigits = "0123456789abcdef";
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

TEST(ArrayParameter, IsWhatArraySendWrites) {
  // As psql shows encode(array_send(ARRAY[1, NULL]::int2[]), 'hex'), but for the NULL flag.
  Int2Array numbers;
  numbers.add_number(1);
  numbers.add_null();
  EXPECT_EQ(hex(numbers.value()),
            "00000001"
            "00000001"
            "00000015"
            "00000002"
            "00000001"
            "00000002"
            "0001"
            "ffffffff");
}

TEST(ArrayParameter, EmptyHasNoDimension) {
  EXPECT_EQ(hex(TextArray().value()),
            "00000000"
            "00000001"
            "00000019");
}

TEST(ArrayParameter, NegativeNumbersAreTwosComplement) {
  Int8Array numbers;
  numbers.add_number(-2);
  EXPECT_EQ(hex(numbers.value()).substr(48), "fffffffffffffffe");
}

TEST(StorableText, ReplacesWhatATextColumnCannotHold) {
  struct Case {
    std::string text, stored;
  };
  const std::string replacement = "\xEF\xBF\xBD";
  const Case cases[] = {
      {"", ""},
      {"plain", "plain"},
      {"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {std::string("a\0b", 3), "a" + replacement + "b"},
      {"a\xffz", "a" + replacement + "z"},
      {"cut \xE2\x82", "cut " + replacement + replacement},
      {"\xED\xA0\x80", replacement + replacement + replacement},
  };
  for (const Case& c : cases) EXPECT_EQ(storable_text(c.text), c.stored) << c.text;
}

TEST(Microseconds, GoThereAndBack) {
  const WallTime time = WallTime(std::chrono::microseconds(1'767'225'600'123'456));
  EXPECT_EQ(to_microseconds(time), 1'767'225'600'123'456);
  EXPECT_EQ(from_microseconds(to_microseconds(time)), time);
}

}  // namespace
}  // namespace observerd::store
