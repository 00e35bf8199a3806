#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/plugin/fixtures.hpp"

namespace observerd::plugin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class PluginSdk : public InBothWays {};
OBSERVERD_IN_BOTH_WAYS(PluginSdk);

TEST_P(PluginSdk, OnePluginProvidesSeveralTypes) {
  Opened plugin("sdk", "sdk-least");
  EXPECT_THAT(plugin.registry->type_names(), ElementsAre("sdk-least", "sdk-many", "sdk-one"));
  EXPECT_TRUE(plugin.registry->find("sdk-many")->thread_safe);
  EXPECT_EQ(plugin.registry->find("sdk-many")->max_concurrency, 4);
  EXPECT_EQ(plugin.registry->find("sdk-one")->max_batch, 16);
  const Entry& entry = *plugin.registry->entries()[0];
  EXPECT_EQ(entry.description, "Fixtures on plugin.hpp.");
  EXPECT_EQ(entry.vendor, "observerd");
  ASSERT_NE(plugin.action, nullptr) << "a type that overrides deliver alone can be bound";
  plugin.deliver(plugin.items(1));
  EXPECT_EQ(plugin.results.of(0).outcome, Outcome::Delivered);
  bool supported = true;
  EXPECT_TRUE(plugin.module->probe(*plugin.action, supported).ok());
  EXPECT_FALSE(supported) << "a probe that is not overridden is no slot";
}

TEST_P(PluginSdk, TheExampleOfTheReadmeWorksAsItStands) {
  Opened plugin("hello");
  ASSERT_NE(plugin.action, nullptr);
  plugin.deliver({plugin.item(R"({"greeting":"Order 1"})")});
  EXPECT_EQ(plugin.results.of(0).outcome, Outcome::Delivered);
  EXPECT_TRUE(plugin.services.said(R"(2 hello: hello settings={"greeting":"Order 1"})"));
}

TEST_P(PluginSdk, EachHelperIsItsOutcome) {
  Opened plugin("sdk", "sdk-one");
  const struct {
    const char* settings;
    Outcome outcome;
    const char* code;
    int retry_after_ms;
  } cases[] = {
      {"{}", Outcome::Delivered, "", 0},
      {R"("retry")", Outcome::Retry, "later", 2000},
      {R"("throttled")", Outcome::Throttled, "throttled", 3000},
      {R"("rejected")", Outcome::Rejected, "no", 0},
      {R"("unavailable")", Outcome::Unavailable, "down", 0},
      {R"("misconfigured")", Outcome::Misconfigured, "key", 0},
      {R"("gone")", Outcome::Gone, "gone", 0},
      {R"("throw")", Outcome::Retry, "exception", 0},
      {R"("throw_int")", Outcome::Retry, "exception", 0},
  };
  std::vector<Item> items;
  for (const auto& expected : cases) items.push_back(plugin.item(expected.settings));
  plugin.deliver(std::move(items));
  std::uint32_t index = 0;
  for (const auto& expected : cases) {
    const ItemResult result = plugin.results.of(index++);
    EXPECT_EQ(result.outcome, expected.outcome) << expected.settings;
    EXPECT_EQ(result.code, expected.code) << expected.settings;
    EXPECT_EQ(result.retry_after.count(), expected.retry_after_ms) << expected.settings;
  }
  EXPECT_EQ(plugin.results.of(0).remote_id, "{} 7 00-trace 1000");
  EXPECT_EQ(plugin.results.of(7).message, "deliver threw");
  EXPECT_EQ(plugin.services.metric_sum("items/one"), 9);
  EXPECT_EQ(plugin.services.metric_sum("attempt"), 9);
  EXPECT_GT(plugin.services.metric_sum("remaining"), 9 * 20'000);
}

TEST_P(PluginSdk, ACancelledBatchIsNotDelivered) {
  Opened plugin("sdk", "sdk-one");
  plugin.deliver(plugin.items(2), [](const std::shared_ptr<Call>& call) { call->cancel(); });
  EXPECT_EQ(plugin.results.of(1).outcome, Outcome::Cancelled);
}

TEST_P(PluginSdk, ProblemsAndExceptionsInOpenAndBindBecomeErrors) {
  Opened refused("sdk", "sdk-one", R"("refuse")");
  EXPECT_EQ(refused.module, nullptr);
  EXPECT_EQ(refused.diagnostics.errors().at(0).to_string(), "OB005 /refuse: is refused");
  Opened threw("sdk", "sdk-one", R"("throw")");
  EXPECT_EQ(threw.module, nullptr);
  EXPECT_EQ(threw.diagnostics.errors().at(0).to_string(), "OB005 open threw");
  Opened plugin("sdk", "sdk-one");
  EXPECT_EQ(plugin.action->lane_key(), "lane");
  EXPECT_EQ(plugin.action->batch_key(), "batch");
  const struct {
    const char* settings;
    const char* error;
  } cases[] = {{R"("refuse")", "OB005 /refuse: is refused"},
               {R"("throw")", "OB005 bind threw"},
               {R"("null")", "OB005 the plugin refused the settings"}};
  for (const auto& [settings, error] : cases) {
    Diagnostics diagnostics;
    EXPECT_EQ(plugin.module->bind(settings, diagnostics), nullptr);
    ASSERT_EQ(diagnostics.errors().size(), 1U);
    EXPECT_EQ(diagnostics.errors()[0].to_string(), error);
  }
}

TEST_P(PluginSdk, ProbeAndPreviewAreOptionalAndCaught) {
  Opened plugin("sdk", "sdk-one");
  bool supported = false;
  EXPECT_TRUE(plugin.module->probe(*plugin.action, supported).ok());
  EXPECT_TRUE(supported);
  const auto unreachable = plugin.module->bind(R"("unreachable")", plugin.diagnostics);
  EXPECT_EQ(plugin.module->probe(*unreachable, supported).to_string(),
            "OB005 /url: cannot be reached");
  const auto explode = plugin.module->bind(R"("explode")", plugin.diagnostics);
  EXPECT_EQ(plugin.module->probe(*explode, supported).to_string(), "OB006 probe threw");
  EXPECT_EQ(plugin.module->preview(plugin.item(R"("x")")), R"(preview of "x")");
  EXPECT_EQ(plugin.module->preview(plugin.item(R"("throw")")), "");
  EXPECT_TRUE(plugin.services.said("preview threw"));
}

TEST_P(PluginSdk, ABatchForgivesItsAuthor) {
  Opened plugin("sdk", "sdk-many");
  EXPECT_FALSE(plugin.module->start().ok());
  EXPECT_TRUE(plugin.services.said("start threw"));
  plugin.deliver(plugin.items(2));
  EXPECT_EQ(plugin.results.of(0).outcome, Outcome::Delivered);
  EXPECT_EQ(plugin.results.of(1).code, "not_reported");
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/reported_twice"), 0);
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/index_out_of_range"), 0);
  plugin.module->stop();
  EXPECT_TRUE(plugin.services.said("stop threw"));
}

TEST_P(PluginSdk, AnExceptionInABatchRetriesTheRest) {
  Opened plugin("sdk", "sdk-many");
  plugin.deliver({plugin.item(R"("throw")"), plugin.item()});
  EXPECT_EQ(plugin.results.of(0).outcome, Outcome::Delivered);
  EXPECT_EQ(plugin.results.of(1).outcome, Outcome::Retry);
  EXPECT_EQ(plugin.results.of(1).code, "exception");
  EXPECT_EQ(plugin.results.of(1).message, "batch threw");
}

}  // namespace
}  // namespace observerd::plugin
