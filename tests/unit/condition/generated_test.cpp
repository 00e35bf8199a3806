#include "condition/tree.hpp"
#include "generator.hpp"
#include "support.hpp"

namespace observerd::condition {
namespace {

constexpr int kConditions = 4000;
constexpr int kEventsEach = 8;

TEST(GeneratedConditions, ParsePrintParseGivesTheSame) {
  testing::Generator generator(1);
  for (int i = 0; i < kConditions; ++i) {
    const std::string text = generator.condition(4).write(generator.random());
    const auto parsed = Condition::parse(text);
    ASSERT_TRUE(parsed.ok()) << text << "\n" << parsed.status().to_string();
    const std::string printed = parsed->to_string();
    const auto again = Condition::parse(printed);
    ASSERT_TRUE(again.ok()) << printed << "\n" << again.status().to_string();
    ASSERT_TRUE(same_tree(parsed->root(), again->root())) << text << "\n" << printed;
    ASSERT_EQ(again->to_string(), printed);
  }
}

TEST(GeneratedConditions, MeanWhatThePlainestEvaluationSays) {
  testing::Generator generator(2);
  int seen[3] = {};
  for (int i = 0; i < kConditions; ++i) {
    const testing::Expression expression = generator.condition(3);
    const std::string text = expression.write(generator.random());
    const auto parsed = Condition::parse(text);
    ASSERT_TRUE(parsed.ok()) << text << "\n" << parsed.status().to_string();
    const auto printed = Condition::parse(parsed->to_string());
    for (int k = 0; k < kEventsEach; ++k) {
      const Event event = generator.event();
      const auto expected = testing::truth(expression.value(event));
      const Truth wanted = !expected ? Truth::Error : *expected ? Truth::True : Truth::False;
      const Outcome outcome = parsed->evaluate(event);
      ASSERT_EQ(outcome.truth, wanted) << text << "\n"
                                       << event_json(event) << "\n"
                                       << outcome.error.to_string();
      ASSERT_EQ(parsed->test(event), wanted) << text << "\n" << event_json(event);
      ASSERT_EQ(printed->test(event), wanted) << printed->to_string();
      ASSERT_EQ(outcome.error.ok(), wanted != Truth::Error) << text;
      ++seen[static_cast<int>(wanted)];
    }
  }
  // A generator that makes only errors proves nothing.
  for (const int count : seen) EXPECT_GT(count, kConditions * kEventsEach / 10);
}

TEST(GeneratedConditions, ExplainAgreesWithTheAnswer) {
  testing::Generator generator(3);
  for (int i = 0; i < 500; ++i) {
    const Condition parsed = condition(generator.condition(3).write(generator.random()));
    const Event event = generator.event();
    const auto lines = parsed.explain(event);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.front().expression, parsed.to_string());
    const Outcome outcome = parsed.evaluate(event);
    const std::string expected = outcome.truth == Truth::Error ? "error: " + outcome.error.message()
                                 : outcome.fires()             ? "true"
                                                               : "false";
    EXPECT_EQ(lines.front().value, expected);
  }
}

}  // namespace
}  // namespace observerd::condition
