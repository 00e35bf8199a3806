#include "condition/program.hpp"

#include <chrono>
#include <cstdlib>

#include "condition/tree.hpp"
#include "generator.hpp"
#include "support.hpp"

namespace observerd::condition {
namespace {

/// The event as it comes from the database: rows as text, a part of them with escapes and spaces.
Event as_text(const Event& event, testing::Random& random) {
  Event out = event;
  const auto reread = [&](Row& row) {
    if (!row) return;
    std::string text;
    bool in_string = false;
    bool escaped = false;
    for (const char c : row.text()) {
      if (c == 'a' && in_string && !escaped && testing::pick(random, 4) == 0) {
        text += "\\u0061";
      } else {
        text += c;
      }
      if (c == '"' && !escaped) in_string = !in_string;
      escaped = c == '\\' && !escaped;
    }
    row = *Row::parse(" " + text + "\n", Code::BadEvent);
  };
  reread(out.new_row);
  reread(out.old_row);
  return out;
}

std::chrono::seconds torture_seconds() {
  const char* text = std::getenv("OBSERVERD_TORTURE_SECONDS");
  return std::chrono::seconds(text != nullptr ? std::atoi(text) : 0);
}

TEST(CompiledCondition, AgreesWithTheEvaluatorAndThePlainestEvaluation) {
  testing::Generator generator(11);
  int seen[3] = {};
  const auto end = std::chrono::steady_clock::now() + torture_seconds();
  for (int i = 0; i < 3000 || std::chrono::steady_clock::now() < end; ++i) {
    const testing::Expression expression = generator.condition(3);
    const std::string text = expression.write(generator.random());
    const Condition parsed = condition(text);
    SlotTable slots;
    const Program program = Program::compile(parsed.root(), slots);
    SlotValues values;
    for (int k = 0; k < 6; ++k) {
      const Event event = as_text(generator.event(), generator.random());
      const auto expected = testing::truth(expression.value(event));
      const Truth wanted = !expected ? Truth::Error : *expected ? Truth::True : Truth::False;
      slots.fill(event, values);
      ASSERT_EQ(program.run(event, values), wanted) << text << "\n" << event_json(event);
      ASSERT_EQ(parsed.test(event), wanted) << text << "\n" << event_json(event);
      ++seen[static_cast<int>(wanted)];
    }
  }
  for (const int count : seen) EXPECT_GT(count, 1000);
}

TEST(CompiledCondition, AgreesWithTheEvaluatorOnWhatTheGeneratorDoesNotWrite) {
  const Event update = event(
      R"({"kind":"update","entity":"Order","id":7,"user":"ann","time":"2026-01-31T12:00:00Z",)"
      R"("new":{"s":"ÄÖ\u00e9x","n":1.50,"b":true,"z":null,"o":{"k":1,"k2":[1,"x",null],"d":{"e":2}},"a":[[1],{"x":"y"}]},)"
      R"("old":{"s":"äö","n":1.5,"b":false,"o":{"k":1.0,"k2":[1,"x",null],"d":{"e":3}}}})");
  const Event insert =
      event(R"({"kind":"insert","entity":"Order","id":1,"new":{"s":"x","n":-3,"o":5}})");
  const Event gone = event(R"({"kind":"delete","entity":"Order","id":1,"old":{"s":"x","n":2}})");
  const Event custom = event(R"({"kind":"custom","entity":"Job","type":"done","new":[1,[2]]})");
  const char* const texts[] = {"lower(s) == 'äöéx'",
                               "upper(old.s) == 'ÄÖ'",
                               "length(s) == 4",
                               "length(o) == 3",
                               "length(a) == 2",
                               "length(n) == 1",
                               "abs(n) == 3",
                               "abs(s) == 1",
                               "s MATCHES '^Ä'",
                               "s NOT MATCHES 'q'",
                               "n MATCHES '1'",
                               "s LIKE 'Ä_é%'",
                               "contains(o, 'k')",
                               "contains(o.k2, null)",
                               "contains(o.k2, 1.0)",
                               "contains(s, 'é')",
                               "contains(n, 'é')",
                               "contains(a, o)",
                               "o == old.o",
                               "o.k2 == old.o.k2",
                               "changed(o)",
                               "changed(o.k)",
                               "changed(o.d.e)",
                               "changed(n)",
                               "changed(s)",
                               "changed(ghost)",
                               "changed(z)",
                               "changed_to(n, 1.5)",
                               "changed_to(b, 'true')",
                               "changed_from(b, false)",
                               "changed_to(o.d.e, '2.0')",
                               "changed_to(s, lower(s))",
                               "changed_from(z, null)",
                               "a[0][0] == 1",
                               "a[1].x == 'y'",
                               "a[2] == 1",
                               "a.x == 1",
                               "o[0] == 1",
                               "new == old",
                               "has_field(new)",
                               "has_field(old)",
                               "has_field(event.user)",
                               "data[1][0] == 2",
                               "event.kind == 'update'",
                               "event.id == '7'",
                               "event.time > '2026'",
                               "event.user == 'ann'",
                               "event.event_id != ''",
                               "event.type == 'done'",
                               "is_custom() || ghost",
                               "(n > 1) == true",
                               "(n > 'x') == true",
                               "coalesce(z, ghost, n) == 1.5",
                               "coalesce(lower(n), 1) == 1",
                               "coalesce(ghost, old.ghost) == null",
                               "n in (1, 1.5, 'x')",
                               "n not in (1, ghost)",
                               "n in (ghost, 1.50)",
                               "100 < n",
                               "1.5 == n",
                               "s < 'b'",
                               "b",
                               "!b",
                               "n",
                               "!n",
                               "z == null",
                               "ghost == null",
                               "true",
                               "false || b",
                               "starts_with(s, 'Ä') && ends_with(s, upper('x'))"};
  for (const char* text : texts) {
    const Condition parsed = condition(text);
    SlotTable slots;
    const Program program = Program::compile(parsed.root(), slots);
    SlotValues values;
    for (const Event* each : {&update, &insert, &gone, &custom}) {
      slots.fill(*each, values);
      EXPECT_EQ(program.run(*each, values), parsed.test(*each)) << text << "\n"
                                                                << event_json(*each);
    }
  }
}

TEST(Slots, OfARepeatedNameTheLastCounts) {
  const auto fill = [](const char* row, std::initializer_list<const char*> paths) {
    SlotTable slots;
    for (const char* path : paths) slots.add(*parse_path(path, Code::ConditionSyntax));
    Event event;
    event.new_row = *Row::parse(row, Code::BadEvent);
    SlotValues values;
    slots.fill(event, values);
    std::string out;
    for (SlotId id = 0; id < slots.size(); ++id) {
      const Operand* value = values.get(id);
      out += value == nullptr ? "-" : json::write(value->to_json());
      out += ' ';
    }
    return out;
  };
  EXPECT_EQ(fill(R"({"a":1,"a":2})", {"a"}), "2 ");
  EXPECT_EQ(fill(R"({"a":{"b":1},"a":{"c":2}})", {"a.b", "a.c", "a"}), "- 2 {\"c\":2} ");
  EXPECT_EQ(fill(R"({"a":{"b":{"d":1}},"a":5})", {"a.b.d", "a.b", "a"}), "- - 5 ");
  EXPECT_EQ(fill(R"({"a":[1,2],"a":[3]})", {"a[0]", "a[1]"}), "3 - ");
  EXPECT_EQ(fill(R"({"\u0061":1})", {"a", "new.a", "old.a", "data"}), "1 1 - {\"a\":1} ");
}

}  // namespace
}  // namespace observerd::condition
