#include <gtest/gtest.h>

#include "store/event_columns.hpp"
#include "store/parked_rows.hpp"
#include "store/writes.hpp"

namespace observerd::store {
namespace {

TEST(SurelyJsonb, DoubtsWhatJsonbMightRefuse) {
  struct Case {
    std::string text;
    bool sure;
  };
  const Case cases[] = {
      {R"({"a":1.50,"b":[true,null,"é"]})", true},
      {R"({"a":1e999})", true},
      {R"({"a":1e9999})", false},
      {R"({"a":1.5E+0001})", false},
      {R"({"a":1e-12345})", false},
      {R"({"a":"\u0000"})", false},
      {R"({"a":"\ud800"})", false},
      {R"({"a":"\n\t\\"})", true},
      {"[" + std::string(1000, '9') + "]", true},
      {"[" + std::string(1001, '9') + "]", false},
      {"[0." + std::string(1001, '9') + "]", false},
      {"", true},
  };
  for (const Case& c : cases) EXPECT_EQ(surely_jsonb(c.text), c.sure) << c.text.substr(0, 40);
}

TEST(History, GoesThereAndBack) {
  const Attempt attempt{3,
                        from_microseconds(1'767'225'600'123'456),
                        Milliseconds(20),
                        "transient_error",
                        "http_503",
                        "said \"no\"\n"};
  const std::vector<Attempt> back = parse_history(history_json({attempt, attempt}));
  ASSERT_EQ(back.size(), 2U);
  EXPECT_EQ(back[1].number, 3);
  EXPECT_EQ(back[1].at, attempt.at);
  EXPECT_EQ(back[1].took, attempt.took);
  EXPECT_EQ(back[1].result, attempt.result);
  EXPECT_EQ(back[1].code, attempt.code);
  EXPECT_EQ(back[1].message, attempt.message);
}

TEST(History, WhatCannotBeReadIsEmpty) {
  for (const char* text : {"", "{", "7", "{}", "[]"}) EXPECT_TRUE(parse_history(text).empty());
  EXPECT_EQ(parse_history(R"([{"number":"x"}])").front().number, 0);
}

TEST(History, ResultsAreTheFourWords) {
  for (const char* word : {"success", "transient_error", "permanent_error", "unknown"}) {
    EXPECT_EQ(result_word(word), word);
  }
  EXPECT_EQ(result_word("delivered"), "unknown");
  EXPECT_EQ(result_word(""), "unknown");
}

TEST(ParkState, NamesAreReadBack) {
  for (const ParkState state :
       {ParkState::Due, ParkState::Behind, ParkState::Held, ParkState::Orphaned}) {
    EXPECT_EQ(parse_state(state_name(state)), state);
  }
}

}  // namespace
}  // namespace observerd::store
