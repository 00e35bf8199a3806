#include "matcher/matcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "unit/condition/generator.hpp"

namespace observerd::matcher {
namespace {

using Indices = std::vector<std::size_t>;

condition::Condition when(std::string_view text) {
  auto parsed = condition::Condition::parse(text);
  EXPECT_TRUE(parsed.ok()) << parsed.status().to_string();
  return *parsed;
}

Event order(EventKind kind = EventKind::Insert, const char* entity = "Order") {
  Event event;
  event.kind = kind;
  event.entity = entity;
  event.new_row = json::parse(R"({"total":150,"status":"paid"})", Code::BadEvent).value();
  return event;
}

Indices fired(const Matcher& matcher, const Event& event) {
  Indices out;
  matcher.match(event, out);
  return out;
}

TEST(Matching, NoneOneSeveral) {
  const std::vector<Rule> rules = {
      {"Order", {}, when("total > 100"), true, 0},
      {"Order", {}, when("total > 1000"), true, 1},
      {"Order", {}, condition::Condition::always(), true, 2},
      {"Invoice", {}, condition::Condition::always(), true, 3},
  };
  const Matcher matcher(rules);
  EXPECT_EQ(fired(matcher, order()), (Indices{0, 2}));
  EXPECT_EQ(fired(matcher, order(EventKind::Insert, "Invoice")), (Indices{3}));
  EXPECT_EQ(fired(matcher, order(EventKind::Insert, "order")), Indices{});
  EXPECT_EQ(fired(Matcher({}), order()), Indices{});
}

TEST(Matching, ByKind) {
  const std::vector<Rule> rules = {
      {"Order", {EventKind::Insert}, condition::Condition::always(), true, 0},
      {"Order", {EventKind::Update, EventKind::Delete}, condition::Condition::always(), true, 1},
      {"Order", {}, condition::Condition::always(), true, 2},
  };
  const Matcher matcher(rules);
  EXPECT_EQ(fired(matcher, order(EventKind::Insert)), (Indices{0, 2}));
  EXPECT_EQ(fired(matcher, order(EventKind::Update)), (Indices{1, 2}));
  EXPECT_EQ(fired(matcher, order(EventKind::Delete)), (Indices{1, 2}));
  EXPECT_EQ(fired(matcher, order(EventKind::Custom)), (Indices{2}));
}

TEST(Matching, WildcardsKeepTheOrderOfTheConfiguration) {
  const std::vector<Rule> rules = {
      {"*", {}, condition::Condition::always(), true, 10},
      {"Order", {}, condition::Condition::always(), true, 11},
      {"*", {EventKind::Update}, condition::Condition::always(), true, 12},
      {"Order", {}, condition::Condition::always(), true, 13},
      {"*", {}, condition::Condition::always(), true, 14},
  };
  const Matcher matcher(rules);
  EXPECT_EQ(fired(matcher, order()), (Indices{10, 11, 13, 14}));
  EXPECT_EQ(fired(matcher, order(EventKind::Update, "Thing")), (Indices{10, 12, 14}));
}

TEST(Matching, ADisabledObserverNeverFires) {
  const std::vector<Rule> rules = {
      {"Order", {}, condition::Condition::always(), false, 0},
      {"Order", {}, condition::Condition::always(), true, 1},
  };
  const Matcher matcher(rules);
  EXPECT_EQ(fired(matcher, order()), (Indices{1}));
  EXPECT_EQ(matcher.candidates("Order", EventKind::Insert), 1U);
}

TEST(Matching, ErrorsAreReportedAndDoNotFire) {
  const std::vector<Rule> rules = {
      {"Order", {}, when("ghost > 1"), true, 0},
      {"Order", {}, when("total > 1"), true, 1},
      {"*", {}, when("status > 1"), true, 2},
  };
  const Matcher matcher(rules);
  const Event event = order();
  Indices out = {99};
  std::vector<Undecided> undecided;
  matcher.match(event, out, &undecided);
  EXPECT_EQ(out, (Indices{99, 1}));
  ASSERT_EQ(undecided.size(), 2U);
  EXPECT_EQ(undecided[0].index, 0U);
  EXPECT_EQ(undecided[0].status(event).to_string(),
            "OB004 ghost > 1: the field \"ghost\" is missing");
  EXPECT_EQ(undecided[1].index, 2U);
  EXPECT_EQ(undecided[1].condition->source(), "status > 1");
}

/// A hundred thousand observers over many entities, from conditions of all sorts.
std::vector<Rule> many_rules(condition::testing::Generator& generator) {
  std::vector<condition::Condition> conditions;
  for (int i = 0; i < 2'000; ++i) {
    conditions.push_back(when(generator.condition(1).write(generator.random())));
  }
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < 100'000; ++i) {
    auto& random = generator.random();
    Rule rule;
    const std::size_t entity = condition::testing::pick(random, 400);
    rule.entity = entity == 0 ? "*" : "E" + std::to_string(entity);
    for (int kind = 0; kind < 4; ++kind) {
      if (condition::testing::pick(random, 3) == 0) {
        rule.kinds.push_back(static_cast<EventKind>(kind));
      }
    }
    rule.condition = condition::testing::one_of(random, conditions);
    rule.enabled = condition::testing::pick(random, 10) != 0;
    rule.index = i;
    rules.push_back(std::move(rule));
  }
  return rules;
}

TEST(Matching, AHundredThousandObserversAgreeWithBruteForce) {
  condition::testing::Generator generator(7);
  const std::vector<Rule> rules = many_rules(generator);
  const Matcher matcher(rules);
  std::size_t total = 0;
  for (int round = 0; round < 40; ++round) {
    Event event = generator.event();
    event.entity = "E" + std::to_string(condition::testing::pick(generator.random(), 410));
    Indices expected;
    Indices errors;
    for (const Rule& rule : rules) {
      if (!rule.enabled || (rule.entity != "*" && rule.entity != event.entity)) continue;
      const auto& kinds = rule.kinds;
      if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), event.kind) == kinds.end()) {
        continue;
      }
      const condition::Outcome outcome = rule.condition.evaluate(event);
      if (outcome.fires()) expected.push_back(rule.index);
      if (outcome.truth == condition::Truth::Error) errors.push_back(rule.index);
    }
    Indices out;
    std::vector<Undecided> undecided;
    matcher.match(event, out, &undecided);
    ASSERT_EQ(out, expected);
    ASSERT_EQ(undecided.size(), errors.size());
    for (std::size_t i = 0; i < errors.size(); ++i) ASSERT_EQ(undecided[i].index, errors[i]);
    total += expected.size();
  }
  EXPECT_GT(total, 1000U);
}

TEST(Matching, OneMatcherServesManyThreads) {
  condition::testing::Generator generator(8);
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < 500; ++i) {
    rules.push_back({i % 5 == 0 ? "*" : "Order",
                     {},
                     when(generator.condition(2).write(generator.random())),
                     true,
                     i});
  }
  const Matcher matcher(rules);
  std::vector<Event> events;
  std::vector<Indices> expected;
  for (int i = 0; i < 50; ++i) {
    events.push_back(generator.event());
    expected.push_back(fired(matcher, events.back()));
  }
  std::vector<Indices> wrong(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < wrong.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < events.size(); ++i) {
        if (fired(matcher, events[i]) != expected[i]) wrong[t].push_back(i);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Indices& list : wrong) EXPECT_EQ(list, Indices{});
}

}  // namespace
}  // namespace observerd::matcher
