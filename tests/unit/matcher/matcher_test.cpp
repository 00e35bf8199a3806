#include "matcher/matcher.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
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

/// A guard with a factor of thousands; what it really takes is measured by bench_matching.
TEST(Performance, AHundredObserversAreMatchedWithin100MillisecondsAndAConditionWithin10) {
  using std::chrono::steady_clock;
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < 100; ++i) {
    rules.push_back(
        {"Order", {}, when("total > " + std::to_string(i * 2) + " && status != 'x'"), true, i});
  }
  const Matcher hundred(rules);
  const Matcher one(std::vector<Rule>{rules[0]});
  const auto start = steady_clock::now();
  EXPECT_EQ(fired(hundred, order()).size(), 75u);
  const auto between = steady_clock::now();
  EXPECT_EQ(fired(one, order()).size(), 1u);
  const auto end = steady_clock::now();
  EXPECT_LT(between - start, std::chrono::milliseconds(100));
  EXPECT_LT(end - between, std::chrono::milliseconds(10));
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

TEST(Matching, ErrorsOfWhatIsEvaluatedAreReportedAndDoNotFire) {
  const std::vector<Rule> rules = {
      {"Order", {}, when("total > 100 && length(ghost) > 1"), true, 0},
      {"Order", {}, when("total > 1"), true, 1},
      {"*", {}, when("status < total"), true, 2},
      {"Order", {}, when("status == 'open' && length(ghost) > 1"), true, 3},
      {"Order", {}, when("ghost > 1 || total == 150.0"), true, 4},
      {"Order", {}, when("total in (1, 150) && (ghost == 1 || status == 'open')"), true, 5},
  };
  const Matcher matcher(rules);
  const Event event = order();
  Indices out = {99};
  std::vector<Undecided> undecided;
  matcher.match(event, out, &undecided);
  EXPECT_EQ(out, (Indices{99, 1, 4}));
  // Of number 3 the status decides: false && error is false.
  ASSERT_EQ(undecided.size(), 3U);
  EXPECT_EQ(undecided[0].index, 0U);
  EXPECT_EQ(undecided[0].status(event).to_string(),
            "OB004 length(ghost) > 1: the field \"ghost\" is missing");
  EXPECT_EQ(undecided[1].index, 2U);
  EXPECT_EQ(undecided[1].condition, "status < total");
  EXPECT_EQ(undecided[2].index, 5U);
}

TEST(Matching, TellsNowAndThenOfMisspeltFieldsAndTypesThatTheIndexPassesOver) {
  const std::vector<Rule> rules = {
      {"Order", {}, when("ghost > 1"), true, 0},
      {"*", {}, when("status > 1"), true, 1},
      {"Order", {EventKind::Update}, when("ghost == 1"), true, 2},
      {"Order", {}, when("total == 150"), true, 3},
  };
  const Matcher matcher(rules);
  const Event event = order();
  std::string told;
  for (int i = 1; i <= 9; ++i) {
    Indices out;
    std::vector<Undecided> undecided;
    matcher.match(event, out, &undecided);
    EXPECT_EQ(out, (Indices{3}));
    if (undecided.empty()) continue;
    told += std::to_string(i) + ' ';
    ASSERT_EQ(undecided.size(), 2U);
    EXPECT_EQ(undecided[0].status(event).to_string(),
              "OB004 ghost > 1: the field \"ghost\" is missing");
    EXPECT_EQ(undecided[1].condition, "status > 1");
  }
  EXPECT_EQ(told, "1 2 4 8 ");
}

TEST(Matching, CountsThePathsThatRowsDoNotHave) {
  const std::vector<Rule> rules = {
      {"Order", {}, when("ghost > 1 && old.total == 1"), true, 0},
      {"Order", {}, when("has_field(note) || changed(status)"), true, 1},
      {"*", {}, when("event.user == 'ann' && total.x == 1"), true, 2},
      {"Invoice", {EventKind::Delete}, when("never == 1"), true, 3},
  };
  const Matcher matcher(rules);
  for (int i = 0; i < 3; ++i) fired(matcher, order());
  fired(matcher, order(EventKind::Insert, "Thing"));
  Event gone = order(EventKind::Delete);
  std::swap(gone.new_row, gone.old_row);
  fired(matcher, gone);
  std::string told;
  for (const MissingPath& path : matcher.missing_paths()) {
    told += path.entity + ' ' + path.path + ' ' + std::to_string(path.missing) + '/' +
            std::to_string(path.events) + '\n';
  }
  EXPECT_EQ(told,
            "* total.x 1/1\n"
            "Order ghost 4/4\n"
            "Order note 4/4\n"
            "Order total.x 4/4\n");
}

TEST(Matching, AConditionThatIsNeverTrueOfAKindIsNoCandidateThere) {
  const std::vector<Rule> rules = {
      {"Order", {}, when("is_update() && total > 1"), true, 0},
      {"Order", {}, when("!is_update() && !(total <= 1)"), true, 1},
      {"Order", {}, when("changed(total)"), true, 2},
      {"Order", {}, when("!changed(total)"), true, 3},
      {"Order", {}, when("false"), true, 4},
      {"Order", {}, when("false || true"), true, 5},
  };
  const Matcher matcher(rules);
  EXPECT_EQ(fired(matcher, order()), (Indices{1, 3, 5}));
  Event update = order(EventKind::Update);
  update.old_row = json::parse(R"({"total":149})", Code::BadEvent).value();
  EXPECT_EQ(fired(matcher, update), (Indices{0, 2, 5}));
  update.old_row.reset();
  EXPECT_EQ(fired(matcher, update), (Indices{0, 5})) << "what changed is unknown";
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
    for (const Undecided& one : undecided) {
      ASSERT_TRUE(std::binary_search(errors.begin(), errors.end(), one.index)) << one.condition;
    }
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
