// `capture apply`: the database is made to agree with what is declared.
#include <gmock/gmock.h>

#include "capture/apply.hpp"
#include "capture/sync.hpp"
#include "fixture.hpp"

namespace observerd::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CaptureApply : public Capture {
 protected:
  void SetUp() override {
    run("CREATE TABLE orders (id int PRIMARY KEY, code text NOT NULL);"
        " CREATE TABLE items (id int PRIMARY KEY)");
  }
  /// "Entity table action: reason" of each; errors as their message.
  Lines apply(const std::vector<capture::Declared>& declared,
              const capture::ApplyOptions& options = {}) {
    const auto applied = capture::apply(*connection_, declared, options);
    EXPECT_TRUE(applied.ok()) << applied.status().to_string();
    Lines out;
    for (const capture::Applied& one : *applied) {
      out.push_back(one.entity + ' ' + one.table + ' ' +
                    (one.error.ok() ? std::string(action_name(one.action)) + ": " + one.reason
                                    : one.error.message()));
    }
    return out;
  }
  Lines captured() {
    Lines out;
    const auto list = capture::list(*connection_);
    for (const capture::Captured& one : *list) {
      out.push_back(one.entity + ' ' + one.table + ' ' + one.key[0] +
                    (one.enabled ? "" : " disabled"));
    }
    return out;
  }
};

TEST_F(CaptureApply, AddsWhatIsMissingAndThenAgrees) {
  const std::vector<capture::Declared> declared = {{"Order", "orders", {}},
                                                   {"Item", "public.items", {"id"}}};
  EXPECT_THAT(apply(declared, {.dry_run = true}),
              ElementsAre("Order public.orders add: ", "Item public.items add: "));
  EXPECT_THAT(captured(), ElementsAre());
  EXPECT_THAT(apply(declared), ElementsAre("Order public.orders add: ", "Item public.items add: "));
  EXPECT_THAT(apply(declared),
              ElementsAre("Order public.orders none: ", "Item public.items none: "));
  EXPECT_THAT(captured(), ElementsAre("Item public.items id", "Order public.orders id"));
}

TEST_F(CaptureApply, ReplacesWhatDiffers) {
  capture::AddOptions options;
  options.table = "orders";
  options.entity = "Order";
  options.on_error = capture::OnError::Skip;
  add(options);
  add("items", "Old");
  EXPECT_THAT(apply({{"Order", "orders", {"code"}}, {"Item", "items", {}}}),
              ElementsAre("Order public.orders replace: its key was id",
                          "Item public.items replace: it was captured as Old"));
  EXPECT_THAT(captured(), ElementsAre("Item public.items id", "Order public.orders code"));
  EXPECT_EQ(capture::list(*connection_)->at(1).on_error, capture::OnError::Skip);
  run("ALTER TABLE orders DISABLE TRIGGER \"!observerd_insert\"");
  EXPECT_THAT(
      apply({{"Order", "orders", {"code"}}, {"Item", "items", {}}}),
      ElementsAre("Order public.orders replace: its triggers were dropped, disabled or altered",
                  "Item public.items none: "));
  EXPECT_THAT(captured(), ElementsAre("Item public.items id", "Order public.orders code"));
}

TEST_F(CaptureApply, EntitiesMayExchangeTheirTables) {
  apply({{"Order", "orders", {}}, {"Item", "items", {}}});
  EXPECT_THAT(apply({{"Order", "items", {}}, {"Item", "orders", {}}}),
              ElementsAre("Order public.items replace: it was captured as Item",
                          "Item public.orders replace: it was captured as Order"));
  EXPECT_THAT(captured(), ElementsAre("Item public.orders id", "Order public.items id"));
}

TEST_F(CaptureApply, WhatIsBeyondIsToldAndDroppedOnlyWhenAskedFor) {
  add("items", "Item");
  EXPECT_THAT(apply({{"Order", "orders", {}}}),
              ElementsAre("Order public.orders add: ",
                          "Item public.items beyond: the configuration does not declare it"));
  EXPECT_EQ(captured().size(), 2U);
  run("DROP TABLE items");
  EXPECT_THAT(
      apply({{"Order", "orders", {}}}, {.prune = true}),
      ElementsAre("Order public.orders none: ", "Item public.items drop: its table is gone"));
  EXPECT_THAT(captured(), ElementsAre("Order public.orders id"));
}

TEST_F(CaptureApply, AllErrorsAreToldAndNothingIsChanged) {
  run("CREATE VIEW v AS SELECT 1 AS id");
  EXPECT_THAT(apply({{"Order", "orders", {}},
                     {"Twice", "public.orders", {}},
                     {"View", "v", {}},
                     {"Item", "itms", {}},
                     {"Key", "items", {"ids"}}}),
              ElementsAre("Order public.orders add: ", HasSubstr("declared as another entity too"),
                          HasSubstr("public.v is a view"), HasSubstr("did you mean \"items\"?"),
                          HasSubstr("did you mean \"id\"?")));
  EXPECT_THAT(captured(), ElementsAre());
}

TEST_F(CaptureApply, AgreementKeepsThePushDown) {
  apply({{"Order", "orders", {}}});
  const capture::Interest big{"big", "Order", {}, *condition::Condition::parse("id > 5"), true};
  ASSERT_TRUE(capture::sync(*connection_, {big}).ok());
  EXPECT_THAT(apply({{"Order", "orders", {}}}), ElementsAre("Order public.orders none: "));
  EXPECT_TRUE(capture::list(*connection_)->front().pushdown.pushed);
}

TEST_F(CaptureApply, TableInUseDoesNotStopTheOthers) {
  pqxx::connection busy(url_);
  pqxx::work transaction(busy);
  transaction.exec("LOCK TABLE orders IN ACCESS SHARE MODE; INSERT INTO orders VALUES (1, 'a')");
  EXPECT_THAT(apply({{"Order", "orders", {}}, {"Item", "items", {}}}),
              ElementsAre(HasSubstr("is in use by a transaction"), "Item public.items add: "));
  EXPECT_THAT(captured(), ElementsAre("Item public.items id"));
}

}  // namespace observerd::testing
