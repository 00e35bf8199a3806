#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>

#include "condition/tree.hpp"
#include "matcher/access.hpp"
#include "matcher/matcher.hpp"
#include "matcher/symbols.hpp"
#include "unit/condition/generator.hpp"

/// The index finds what evaluating every condition finds, whatever a condition is looked up by.
namespace observerd::matcher {
namespace {

using condition::Operand;
using condition::testing::Generator;
using condition::testing::one_of;
using condition::testing::pick;
using condition::testing::Random;

/// Conditions as people write them: conjunctions of things that an index can look up, in all
/// dialects, about fields whose values often agree.
class UsualConditions {
 public:
  explicit UsualConditions(Random& random) : random_(random) {}

  std::string condition(int depth = 2) {
    std::string out = term(depth);
    for (std::size_t i = pick(random_, 4); i > 0; --i) out += " && " + term(depth);
    return pick(random_, 4) == 0 ? out + " || " + term(depth) : out;
  }

 private:
  std::string constant() {
    return one_of<std::string>(
        random_, {"'paid'", "'shipped'", "'100'", "'true'", "'gold'", "100", "100.00", "1e2", "-5",
                  "0.10", "9007199254740993", "12345678901234567890.5", "0.1234567", "1e400", "2",
                  "6", "true", "false", "null"});
  }
  std::string field() {
    static const std::vector<std::string> names = {"total", "status",    "paid",   "note",
                                                   "ghost", "meta.tier", "meta.n", "tags[0]"};
    const std::string name = one_of(random_, names);
    const std::size_t side = pick(random_, 6);
    return side == 0 ? "old." + name : side == 1 ? "new." + name : name;
  }
  std::string term(int depth) {
    const std::string name = field();
    switch (pick(random_, depth > 0 ? 14 : 11)) {
      case 0:
      case 1:
        return name + " == " + constant();
      case 2:
        return constant() + " = " + name;
      case 3:
        return name + " != " + constant();
      case 4:
        return name + one_of<std::string>(random_, {" < ", " <= ", " > ", " >= "}) + constant();
      case 5:
        return constant() + one_of<std::string>(random_, {" < ", " <= ", " > ", " >= "}) + name;
      case 6:
        return name + one_of<std::string>(random_, {" in (", " not in ("}) + constant() + ", " +
               constant() + ", " + constant() + ")";
      case 7:
        return name;
      case 8:
        return "changed(total)";
      case 9:
        return one_of<std::string>(random_, {"changed_to(status, ", "changed_from(status, ",
                                             "changed_to(total, ", "changed_from(paid, "}) +
               constant() + ")";
      case 10:
        return one_of<std::string>(
            random_, {"is_update()", "is_insert()", "event.entity == 'Order'", "has_field(note)",
                      "status like '%a%'"});
      case 11:
        return "(" + condition(depth - 1) + ")";
      case 12:
        return "!(" + condition(depth - 1) + ")";
      default:
        return "(" + term(depth - 1) + " || " + term(depth - 1) + ")";
    }
  }

  Random& random_;
};

std::vector<Rule> rules_of(Generator& generator, std::size_t count) {
  UsualConditions usual(generator.random());
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < count; ++i) {
    Random& random = generator.random();
    const std::string text =
        pick(random, 3) == 0 ? generator.condition(2).write(random) : usual.condition();
    Rule rule;
    rule.condition = condition::Condition::parse(text).value();
    rule.entity = one_of<std::string>(random, {"*", "Order", "Order", "Invoice"});
    for (int kind = 0; kind < 4; ++kind) {
      if (pick(random, 3) == 0) rule.kinds.push_back(static_cast<EventKind>(kind));
    }
    rule.enabled = pick(random, 20) != 0;
    rule.index = 2 * i;
    rules.push_back(std::move(rule));
  }
  return rules;
}

TEST(Index, AgreesWithTheEvaluatorOnGeneratedObservers) {
  const char* seconds = std::getenv("OBSERVERD_TORTURE_SECONDS");
  const auto end = std::chrono::steady_clock::now() +
                   std::chrono::seconds(seconds != nullptr ? std::atoi(seconds) : 0);
  Generator generator(21);
  std::size_t total = 0;
  for (int round = 0; round < 40 || std::chrono::steady_clock::now() < end; ++round) {
    const std::vector<Rule> rules = rules_of(generator, 1 + pick(generator.random(), 200));
    const Matcher matcher(rules);
    for (int i = 0; i < 40; ++i) {
      const Event event = generator.event();
      std::vector<std::size_t> expected;
      for (const Rule& rule : rules) {
        const auto& kinds = rule.kinds;
        if (rule.enabled && (rule.entity == "*" || rule.entity == event.entity) &&
            (kinds.empty() || std::find(kinds.begin(), kinds.end(), event.kind) != kinds.end()) &&
            rule.condition.test(event) == condition::Truth::True) {
          expected.push_back(rule.index);
        }
      }
      std::vector<std::size_t> found;
      std::vector<Undecided> undecided;
      matcher.match(event, found, &undecided);
      if (found != expected) {
        for (const Rule& rule : rules) {
          const bool a = std::find(found.begin(), found.end(), rule.index) != found.end();
          const bool b = std::find(expected.begin(), expected.end(), rule.index) != expected.end();
          ASSERT_EQ(a, b) << rule.condition.source() << "\n" << event_json(event);
        }
        FAIL() << "the order differs";
      }
      for (const Undecided& one : undecided) {
        ASSERT_EQ(rules[one.index / 2].condition.test(event), condition::Truth::Error)
            << one.condition << "\n"
            << event_json(event);
      }
      total += found.size();
    }
  }
  EXPECT_GT(total, 1000U);
}

TEST(Index, ManyLookUpsOfManyFieldsStayRight) {
  // More pairs of fields than have clusters, and one value that thousands want.
  std::vector<Rule> rules;
  for (std::size_t i = 0; i < 3000; ++i) {
    const std::string a = "f" + std::to_string(i % 12);
    const std::string b = "f" + std::to_string(i % 11);
    const std::string text = i % 3 == 0 ? "f0 == 1 && f" + std::to_string(i % 7) + " > 0"
                                        : a + " == " + std::to_string(i % 2) + " && " + b + " == 1";
    rules.push_back({"E", {}, condition::Condition::parse(text).value(), true, i});
  }
  const Matcher matcher(rules);
  for (int bits = 0; bits < 4096; bits += 37) {
    Event event;
    event.entity = "E";
    json::Value row = json::Value::object();
    for (int f = 0; f < 12; ++f)
      row.set("f" + std::to_string(f), json::Value::integer(bits >> f & 1));
    event.new_row = std::move(row);
    std::vector<std::size_t> expected;
    for (const Rule& rule : rules) {
      if (rule.condition.test(event) == condition::Truth::True) expected.push_back(rule.index);
    }
    std::vector<std::size_t> found;
    matcher.match(event, found);
    ASSERT_EQ(found, expected) << bits;
  }
}

Operand number(const char* literal) {
  Operand out;
  out.set_number(literal);
  return out;
}

TEST(RangeKey, KeepsTheOrderOfNumbersOfAnySize) {
  const char* const ascending[] = {"-1e400",
                                   "-1000000000000",
                                   "-999999999999.999999",
                                   "-2.5",
                                   "-0.0000015",
                                   "-0.000001",
                                   "-1e-400",
                                   "0",
                                   "1e-400",
                                   "0.0000005",
                                   "0.000001",
                                   "0.0000010000000000000000001",
                                   "0.0000015",
                                   "1",
                                   "1.0000001",
                                   "2.5",
                                   "999999999999.999999",
                                   "1000000000000",
                                   "1e400"};
  for (std::size_t i = 0; i + 1 < std::size(ascending); ++i) {
    EXPECT_LE(range_key(number(ascending[i])), range_key(number(ascending[i + 1]))) << ascending[i];
  }
  EXPECT_LT(range_key(number("0")), range_key(number("1e-400")));
  EXPECT_LT(range_key(number("-1e-400")), range_key(number("0")));
  EXPECT_EQ(range_key(number("1e2")), range_key(number("100.00")));
  EXPECT_EQ(range_key(number("1.50e0")), 3'000'000);
}

TEST(Symbols, EqualValuesHaveOneNumberAndOthersNone) {
  Symbols symbols;
  EXPECT_EQ(symbols.find(number("1")), Symbols::kNone);
  const auto hundred = symbols.add(number("100"));
  for (const char* same : {"100.00", "1e2", "0.1e3", "100.000000000000000000000"}) {
    EXPECT_EQ(symbols.find(number(same)), hundred) << same;
    EXPECT_EQ(symbols.add(number(same)), hundred) << same;
  }
  const auto big = symbols.add(number("9007199254740993000000000000"));
  EXPECT_EQ(symbols.find(number("9007199254740993e12")), big);
  EXPECT_EQ(symbols.find(number("9007199254740992e12")), Symbols::kNone);
  Operand text;
  text.set(std::string_view("100"));
  EXPECT_EQ(symbols.find(text), Symbols::kNone);
  const auto as_text = symbols.add(text);
  EXPECT_NE(as_text, hundred);
  Operand yes;
  yes.set(true);
  EXPECT_EQ(symbols.find(yes), Symbols::kNone);
  EXPECT_EQ(symbols.find(Operand()), Symbols::kNone);
  const auto null = symbols.add(Operand());
  EXPECT_EQ(symbols.find(Operand()), null);
  for (int i = 0; i < 10'000; ++i) symbols.add(number(std::to_string(i * 7).c_str()));
  EXPECT_EQ(symbols.find(number("700")), symbols.add(number("7e2")));
  EXPECT_EQ(symbols.find(text), as_text);
  json::Value array = json::Value::array();
  Operand container;
  container.set(array);
  EXPECT_EQ(symbols.find(container), Symbols::kNone);
}

}  // namespace
}  // namespace observerd::matcher
