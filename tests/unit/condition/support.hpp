#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "condition/condition.hpp"

namespace observerd::condition {

inline Event event(std::string_view text) {
  auto parsed = parse_event(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status().to_string();
  return parsed.ok() ? *parsed : Event();
}

inline Condition condition(std::string_view text) {
  auto parsed = Condition::parse(text);
  EXPECT_TRUE(parsed.ok()) << text << "\n" << parsed.status().to_string();
  return parsed.ok() ? *parsed : Condition::always();
}

/// "true", "false", or "error: " and the message. Fails when test() and evaluate() differ.
inline std::string outcome(std::string_view text, const Event& event) {
  const Condition parsed = condition(text);
  const Outcome outcome = parsed.evaluate(event);
  EXPECT_EQ(parsed.test(event), outcome.truth) << text;
  EXPECT_EQ(outcome.truth == Truth::Error, !outcome.error.ok()) << text;
  if (outcome.truth == Truth::Error) {
    EXPECT_EQ(outcome.error.code(), Code::ConditionEvaluation);
    return "error: " + outcome.error.message();
  }
  return outcome.truth == Truth::True ? "true" : "false";
}

struct Case {
  const char* condition;
  const char* expected;  ///< "error" stands for any error
};

template <std::size_t N>
void expect_outcomes(const Event& event, const Case (&table)[N]) {
  for (const Case& row : table) {
    const std::string found = outcome(row.condition, event);
    const bool any_error = std::string_view(row.expected) == "error";
    EXPECT_EQ(any_error ? found.substr(0, 5) : found, row.expected)
        << row.condition << ": " << found;
  }
}

}  // namespace observerd::condition
