#include "support.hpp"

namespace observerd::condition {
namespace {

const Event& order_update() {
  static const Event shared = event(
      R"({"kind":"update","entity":"Order","id":42,"user":"eve","time":"2026-01-31T12:00:00Z",)"
      R"("new":{"total":150.00,"status":"shipped","paid":true,"note":null,"big":9007199254740993,)"
      R"("customer":{"tier":"gold","scores":[1,2.50,"x"],"a.b":1},"tags":["a","b"],"old":"o","new":"n",)"
      R"("name":"\u00c4pfel","code":"100","added":1,"like":"L"},)"
      R"("old":{"total":100.0,"status":"paid","paid":false,"note":null,"big":9007199254740993.0,)"
      R"("customer":{"tier":"silver"},"tags":["a","b"],"code":"99","removed":2}})");
  return shared;
}

const Event& order_insert() {
  static const Event shared =
      event(R"({"kind":"insert","entity":"Order","new":{"total":5,"status":"new"}})");
  return shared;
}

const Event& order_delete() {
  static const Event shared =
      event(R"({"kind":"delete","entity":"Order","old":{"total":5,"status":"gone"}})");
  return shared;
}

const Event& custom() {
  static const Event shared =
      event(R"({"event_type":"order_paid","entity":"Order","new":{"total":5,"status":"new"}})");
  return shared;
}

TEST(Condition, ComparesFields) {
  expect_outcomes(order_update(), {
                                      {"total > 100", "true"},
                                      {"total > 150", "false"},
                                      {"total >= 150", "true"},
                                      {"total < 150.001", "true"},
                                      {"total <= 149.999", "false"},
                                      {"total == 150", "true"},
                                      {"total != 150", "false"},
                                      {"100 < total", "true"},
                                      {"status == 'shipped'", "true"},
                                      {"status < 'shirt'", "true"},
                                      {"status > 'Shipped'", "true"},
                                      {"paid == true", "true"},
                                      {"paid", "true"},
                                      {"!paid", "false"},
                                      {"total > old.total", "true"},
                                      {"new.total == total", "true"},
                                      {"data.total == total", "true"},
                                  });
}

TEST(Condition, NumbersAreExactDecimals) {
  expect_outcomes(order_update(), {
                                      {"total == 150.00", "true"},
                                      {"total == 1.5e2", "true"},
                                      {"total == 15e1", "true"},
                                      {"big == 9007199254740993", "true"},
                                      {"big == 9007199254740992", "false"},
                                      {"big > 9007199254740992", "true"},
                                      {"total < 1e999999999", "true"},
                                      {"total > 1e-999999999", "true"},
                                      {"total > -1e999999999999999999999", "true"},
                                      {"0.1 == 0.10000000000000000001", "false"},
                                      {"-0 == 0.0", "true"},
                                      {"abs(-5) == 5", "true"},
                                      {"abs(-1e400) == 1e400", "true"},
                                      {"abs(5) == 5.0", "true"},
                                  });
}

TEST(Condition, ReadsNestedPaths) {
  expect_outcomes(order_update(), {
                                      {"customer.tier == 'gold'", "true"},
                                      {"customer[\"tier\"] == 'gold'", "true"},
                                      {"customer.scores[1] == 2.5", "true"},
                                      {"customer.scores[2] == 'x'", "true"},
                                      {"customer['a.b'] == 1", "true"},
                                      {"old.customer.tier == 'silver'", "true"},
                                      {"customer.scores[3] == 1", "error"},
                                      {"customer.tier.x == 1", "error"},
                                      {"customer.nothing == 1", "error"},
                                      {"new.old == 'o'", "true"},
                                      {"['old'] == 'o'", "true"},
                                      {"['new'] == 'n'", "true"},
                                      {"new.like == 'L'", "true"},
                                      {"NEW.total > OLD.total", "true"},
                                  });
}

TEST(Condition, ReadsTheEventItself) {
  expect_outcomes(order_update(), {
                                      {"event.kind == 'update'", "true"},
                                      {"event.entity == 'Order'", "true"},
                                      {"event.id == '42'", "true"},
                                      {"event.id == 42", "false"},
                                      {"event.type == 'Order.update'", "true"},
                                      {"event.user == 'eve'", "true"},
                                      {"event.time == '2026-01-31T12:00:00.000000Z'", "true"},
                                      {"event.time > '2026-01-31'", "true"},
                                      {"length(event.event_id) == 36", "true"},
                                  });
  EXPECT_EQ(outcome("event.user IS NULL", order_insert()), "true");
  EXPECT_EQ(outcome("event.type == 'order_paid' && is_custom()", custom()), "true");
}

TEST(Condition, ABareNameIsTheRowOfTheEvent) {
  EXPECT_EQ(outcome("status == 'gone'", order_delete()), "true");
  EXPECT_EQ(outcome("data.status == 'gone'", order_delete()), "true");
  EXPECT_EQ(outcome("old.status == 'gone'", order_delete()), "true");
  EXPECT_EQ(outcome("new.status == 'gone'", order_delete()),
            "error: new.status == 'gone': the field \"new.status\" is missing: a delete has no new "
            "row");
  EXPECT_EQ(outcome("old.status == 'x'", order_insert()),
            "error: old.status == 'x': the field \"old.status\" is missing: an insert has no old "
            "row");
}

TEST(Condition, DifferentTypesAreUnequalAndHaveNoOrder) {
  expect_outcomes(order_update(), {
                                      {"total == '150.00'", "false"},
                                      {"total != '150.00'", "true"},
                                      {"paid == 'true'", "false"},
                                      {"paid == 1", "false"},
                                      {"code == 100", "false"},
                                      {"total > '100'", "error"},
                                      {"code > 99", "error"},
                                      {"paid > false", "error"},
                                      {"note > 1", "error"},
                                      {"tags > tags", "error"},
                                      {"null < null", "error"},
                                      {"tags == old.tags", "true"},
                                      {"customer == old.customer", "false"},
                                      {"customer != old.customer", "true"},
                                  });
  EXPECT_EQ(outcome("total > '100'", order_update()),
            "error: total > '100': there is no order between a number and a text");
}

TEST(Condition, NullIsAValueAndMissingIsAnError) {
  expect_outcomes(order_update(), {
                                      {"note == null", "true"},
                                      {"note IS NULL", "true"},
                                      {"note IS NOT NULL", "false"},
                                      {"note != null", "false"},
                                      {"total IS NULL", "false"},
                                      {"total IS NOT NULL", "true"},
                                      {"ghost == null", "error"},
                                      {"ghost IS NULL", "error"},
                                      {"ghost != null", "error"},
                                      {"note == 1", "false"},
                                      {"null == null", "true"},
                                  });
  EXPECT_EQ(outcome("ghost == 1", order_update()),
            "error: ghost == 1: the field \"ghost\" is missing");
}

TEST(Condition, HasFieldGuardsAndCoalesceGivesDefaults) {
  expect_outcomes(order_update(), {
                                      {"has_field(total)", "true"},
                                      {"has_field('total')", "true"},
                                      {"has_field(note)", "true"},
                                      {"has_field(ghost)", "false"},
                                      {"has_field('customer.tier')", "true"},
                                      {"has_field(customer.ghost)", "false"},
                                      {"has_field('old.removed')", "true"},
                                      {"has_field(removed)", "false"},
                                      {"has_field('old')", "true"},
                                      {"has_field(event.user)", "true"},
                                      {"has_field('ghost') && ghost > 1", "false"},
                                      {"coalesce(ghost.path, 0) == 0", "true"},
                                      {"coalesce(note, ghost, 'x') == 'x'", "true"},
                                      {"coalesce(total, 0) == 150", "true"},
                                      {"coalesce(ghost, note) IS NULL", "true"},
                                      {"coalesce(ghost, false)", "false"},
                                      {"coalesce(lower(total), 'x') == 'x'", "error"},
                                  });
}

TEST(Condition, ChangedOfAnUpdate) {
  expect_outcomes(order_update(), {
                                      {"field_changed(status)", "true"},
                                      {"field_changed('status')", "true"},
                                      {"changed(status)", "true"},
                                      {"status_changed()", "true"},
                                      {"FIELD_CHANGED('status')", "true"},
                                      {"field_changed(note)", "false"},
                                      {"field_changed(big)", "false"},  // 9007199254740993.0
                                      {"field_changed(tags)", "false"},
                                      {"field_changed(customer)", "true"},
                                      {"field_changed(customer.tier)", "true"},
                                      {"field_changed('customer.tier')", "true"},
                                      {"field_changed(new.status)", "true"},
                                      {"field_changed(old.status)", "true"},
                                      {"field_changed(added)", "true"},
                                      {"field_changed(removed)", "true"},
                                      {"removed_changed_to(null)", "true"},
                                      {"added_changed_from(null)", "true"},
                                      {"field_changed(ghost)", "false"},
                                      {"!field_changed(ghost)", "true"},
                                  });
}

TEST(Condition, ChangedToAndFrom) {
  expect_outcomes(order_update(),
                  {
                      {"field_changed_to(status, 'shipped')", "true"},
                      {"field_changed_to('status', \"shipped\")", "true"},
                      {"changed_to(status, 'shipped')", "true"},
                      {"status_changed_to('shipped')", "true"},
                      {"status_changed_to('paid')", "false"},
                      {"field_changed_from(status, 'paid')", "true"},
                      {"changed_from(status, 'paid')", "true"},
                      {"status_changed_from('paid')", "true"},
                      {"status_changed_from('shipped')", "false"},
                      {"total_changed_to(150)", "true"},
                      {"field_changed_to('total', '150')", "true"},
                      {"field_changed_to('total', '150.0')", "true"},
                      {"field_changed_to('total', '15O')", "false"},
                      {"field_changed_to('code', '100')", "true"},
                      {"field_changed_to('code', 100)", "false"},
                      {"paid_changed_to('true')", "true"},
                      {"paid_changed_to(true)", "true"},
                      {"paid_changed_from('false')", "true"},
                      {"total_changed_to(new.total)", "true"},
                      {"total_changed_to(ghost)", "error"},
                      {"note_changed_to(ghost)", "false"},  // unchanged: the value does not matter
                      {"customer.tier_changed == 1", "error"},
                  });
}

TEST(Condition, NothingChangesOnInsertDeleteAndCustom) {
  for (const Event* event : {&order_insert(), &order_delete(), &custom()}) {
    EXPECT_EQ(outcome("field_changed(status)", *event), "false");
    EXPECT_EQ(outcome("status_changed_to('new')", *event), "false");
    EXPECT_EQ(outcome("status_changed_from('gone')", *event), "false");
    EXPECT_EQ(outcome("!status_changed()", *event), "true");
  }
}

TEST(Condition, AnUpdateWithoutItsOldRowIsAnErrorNotFalse) {
  const Event update = event(R"({"kind":"update","entity":"Order","new":{"status":"x"}})");
  EXPECT_EQ(outcome("status_changed()", update),
            "error: field_changed(status): whether \"status\" changed is unknown: the update came "
            "without its old row");
  EXPECT_EQ(outcome("!status_changed()", update).substr(0, 5), "error");
  EXPECT_EQ(outcome("old.status == 'x'", update),
            "error: old.status == 'x': the field \"old.status\" is missing: the event came without "
            "its old row");
}

TEST(Condition, KindsOfEvents) {
  const struct {
    const Event& event;
    const char* holds;
  } table[] = {{order_insert(), "is_insert() && is_new()"},
               {order_update(), "is_update()"},
               {order_delete(), "is_delete() && is_deleted()"},
               {custom(), "is_custom()"}};
  for (const auto& row : table) {
    EXPECT_EQ(outcome(row.holds, row.event), "true");
    int holding = 0;
    for (const char* test : {"is_insert()", "is_update()", "is_delete()", "is_custom()"}) {
      holding += outcome(test, row.event) == "true" ? 1 : 0;
    }
    EXPECT_EQ(holding, 1);
  }
}

TEST(Condition, ErrorsCombineIndependentlyOfOrder) {
  expect_outcomes(order_update(), {
                                      {"ghost == 1 && false", "false"},
                                      {"false && ghost == 1", "false"},
                                      {"ghost == 1 || true", "true"},
                                      {"true || ghost == 1", "true"},
                                      {"ghost == 1 && true", "error"},
                                      {"true && ghost == 1", "error"},
                                      {"ghost == 1 || false", "error"},
                                      {"false || ghost == 1", "error"},
                                      {"ghost == 1 && ghost == 1", "error"},
                                      {"!(ghost == 1)", "error"},
                                      {"!(ghost == 1 && false)", "true"},
                                      {"(ghost == 1 || true) && (false || paid)", "true"},
                                      {"ghost == 1 && true && false", "false"},
                                  });
}

TEST(Condition, TheErrorThatDecidesIsTheOneThatIsNamed) {
  EXPECT_EQ(outcome("(ghost == 1 && false) || shade == 2", order_update()),
            "error: shade == 2: the field \"shade\" is missing");
  EXPECT_EQ(outcome("lower(status) == 'x' && upper(total) == 'X' || ghost IN (1)", order_update()),
            "error: ghost IN (1): the field \"ghost\" is missing");
}

TEST(Condition, PrecedenceAndGrouping) {
  expect_outcomes(order_update(), {
                                      {"true || false && false", "true"},
                                      {"(true || false) && false", "false"},
                                      {"!false && false", "false"},
                                      {"!(false && false)", "true"},
                                      {"!total == 150", "false"},
                                      {"NOT NOT paid", "true"},
                                      {"(total) > (100)", "true"},
                                      {"(total > 100) == paid", "true"},
                                      {"(paid || ghost) == true", "true"},
                                      {"(paid && total) == true", "error"},
                                  });
}

TEST(Condition, ListsAndPatterns) {
  expect_outcomes(order_update(), {
                                      {"status IN ('paid', 'shipped')", "true"},
                                      {"status IN ['paid', 'shipped']", "true"},
                                      {"status in ('paid')", "false"},
                                      {"status NOT IN ('paid')", "true"},
                                      {"total IN (1, 1.5e2)", "true"},
                                      {"total IN ('150')", "false"},
                                      {"status IN (ghost, 'shipped')", "true"},
                                      {"status IN (ghost, 'paid')", "error"},
                                      {"status NOT IN (ghost, 'shipped')", "false"},
                                      {"ghost IN (1)", "error"},
                                      {"note IN (null)", "true"},
                                      {"status LIKE 'ship%'", "true"},
                                      {"status LIKE 'ship'", "false"},
                                      {"status NOT LIKE '%x%'", "true"},
                                      {"status like '_hi%d'", "true"},
                                      {"name LIKE '_pfel'", "true"},
                                      {"total LIKE '1%'", "error"},
                                      {"status MATCHES 'h.p'", "true"},
                                      {"status MATCHES '^h.p'", "false"},
                                      {"status NOT MATCHES '^s'", "false"},
                                      {"name MATCHES '^.pfel$'", "true"},
                                      {"total MATCHES '1'", "error"},
                                      {"note LIKE '%'", "error"},
                                  });
}

TEST(Condition, TextFunctions) {
  expect_outcomes(order_update(), {
                                      {"contains(status, 'hip')", "true"},
                                      {"contains(status, '')", "true"},
                                      {"contains(tags, 'b')", "true"},
                                      {"contains(tags, 'c')", "false"},
                                      {"contains(customer.scores, 2.5)", "true"},
                                      {"contains(customer, 'tier')", "true"},
                                      {"contains(customer, 'gold')", "false"},
                                      {"contains(customer, 1)", "error"},
                                      {"contains(status, 1)", "error"},
                                      {"contains(total, 1)", "error"},
                                      {"starts_with(status, 'ship')", "true"},
                                      {"ends_with(status, 'ped')", "true"},
                                      {"ends_with(status, 1)", "error"},
                                      {"starts_with(total, '1')", "error"},
                                      {"lower('STRASSE') == 'strasse'", "true"},
                                      {"upper(name) == '\\u00c4PFEL'", "true"},
                                      {"lower(name) == '\\u00e4pfel'", "true"},
                                      {"lower(total) == 'x'", "error"},
                                      {"length(name) == 5", "true"},
                                      {"length(tags) == 2", "true"},
                                      {"length(customer) == 3", "true"},
                                      {"length(total) == 3", "error"},
                                      {"length(note) == 0", "error"},
                                      {"length(name) < 1e30", "true"},
                                      {"abs(status) == 1", "error"},
                                      {"Lower(Upper(status)) == status", "true"},
                                  });
}

TEST(Condition, ABarePredicateMustBeBoolean) {
  expect_outcomes(order_update(), {
                                      {"paid && true", "true"},
                                      {"total",
                                       "error: total: it is a number, neither true nor "
                                       "false"},
                                      {"note", "error"},
                                      {"lower(status)", "error"},
                                      {"length(status) || paid", "true"},
                                      {"coalesce(paid, true)", "true"},
                                      {"ghost", "error: ghost: the field \"ghost\" is missing"},
                                  });
}

TEST(Condition, ExplainShowsTheValueOfEachSubExpression) {
  const auto lines =
      condition("total > 100 && (status == 'x' || !paid) && ghost > 1").explain(order_update());
  std::string text;
  for (const Explained& line : lines) {
    text += std::string(static_cast<std::size_t>(line.depth) * 2, ' ') + line.expression + " = " +
            line.value + "\n";
  }
  EXPECT_EQ(text,
            "total > 100 && (status == 'x' || !paid) && ghost > 1 = false\n"
            "  total > 100 = true\n"
            "    total = 150.00\n"
            "  status == 'x' || !paid = false\n"
            "    status == 'x' = false\n"
            "      status = \"shipped\"\n"
            "    !paid = false\n"
            "      paid = true\n"
            "  ghost > 1 = error: ghost > 1: the field \"ghost\" is missing\n"
            "    ghost = error: ghost: the field \"ghost\" is missing\n");
}

TEST(Condition, AlwaysFires) {
  EXPECT_TRUE(Condition::always().evaluate(order_insert()).fires());
  EXPECT_EQ(Condition().test(order_delete()), Truth::True);
  EXPECT_EQ(Condition::always().to_string(), "true");
}

TEST(Condition, ListsItsPathsOnce) {
  std::string all;
  for (const FieldPath& path :
       condition(
           "total > 1 && total < 9 && status_changed() && has_field(old.x) && event.id == '1'")
           .paths()) {
    all += path.to_string() + " ";
  }
  EXPECT_EQ(all, "total new.status old.status old.x event.id ");
}

}  // namespace
}  // namespace observerd::condition
