#include "telemetry/metrics.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "support/exposition.hpp"

namespace observerd::telemetry {
namespace {

using observerd::testing::read_exposition;
using observerd::testing::Scrape;
using std::chrono::milliseconds;

class MetricsTest : public ::testing::Test {
 protected:
  MetricsTest() : metrics_({"1.2.3", 1, 0, {"delivered", "retry"}}) {}
  Scrape scrape() {
    Scrape scrape = read_exposition(metrics_.render());
    EXPECT_EQ(scrape.problems, std::vector<std::string>{});
    return scrape;
  }
  void fill_everything() {
    metrics_.events_read(3);
    metrics_.condition_error("o");
    metrics_.dead_letter("a \"quoted\"\nobserver\\");
    metrics_.attempt("webhook", 0, milliseconds(200));
    metrics_.retry_scheduled("webhook");
    metrics_.commit_to_settled(milliseconds(3));
    for (const int kind : {0, 1, 2}) {
      metrics_.plugin_metric("web-hook", kind, "name_" + std::to_string(kind), 1.5, {{"k", "v"}});
    }
    metrics_.set_collector([](Gauges& gauges) {
      gauges.ready = true;
      gauges.shards = 4;
      gauges.lanes = {{"webhook", 5, 2, 3, 1, 0}};
      gauges.plugins = {{"webhook", PluginState::Loaded}, {"sms", PluginState::Faulty}};
      gauges.database = DatabaseGauges{};
      gauges.database->lag_events = 7;
      gauges.database->retries = {{"due", 1}, {"held", 2}};
      gauges.database->dead_letters = {{"pending", 3}};
      gauges.database->segments = {{"outbox_0", "kept", 8192}};
      gauges.database->oldest_row_seconds = 1.25;
    });
  }
  Metrics metrics_;
};

TEST_F(MetricsTest, EveryFamilyIsWellFormed) {
  fill_everything();
  const Scrape scrape = this->scrape();
  EXPECT_EQ(scrape.value("observerd_events_read_total"), 3);
  EXPECT_EQ(scrape.value(R"(observerd_build_info{abi="1.0",version="1.2.3"})"), 1);
  EXPECT_EQ(scrape.value(R"(observerd_lanes{type="webhook",breaker="half_open"})"), 1);
  EXPECT_EQ(scrape.value(R"(observerd_plugin_state{type="sms",state="faulty"})"), 1);
  EXPECT_EQ(scrape.value(R"(observerd_retries{state="held"})"), 2);
  EXPECT_EQ(scrape.value("observerd_lag_events"), 7);
  EXPECT_EQ(scrape.value(R"(observerd_outbox_segments{state="kept"})"), 1);
  EXPECT_GT(scrape.value("process_resident_memory_bytes"), 1e6);
  EXPECT_GT(scrape.value("process_start_time_seconds"), 1.6e9);
}

bool has_promtool() {
  return std::system("command -v promtool >/dev/null 2>&1") == 0;
}
constexpr const char* kNoPromtool = "promtool is not installed (Debian package prometheus)";
constexpr const char* kRules = OBSERVERD_SOURCE_DIR "/config/prometheus";

TEST_F(MetricsTest, PromtoolFindsNothing) {
  if (!has_promtool()) GTEST_SKIP() << kNoPromtool;
  fill_everything();
  FILE* promtool = popen("promtool check metrics", "w");
  ASSERT_NE(promtool, nullptr);
  const std::string text = metrics_.render();
  std::fwrite(text.data(), 1, text.size(), promtool);
  EXPECT_EQ(pclose(promtool), 0);
}

TEST_F(MetricsTest, TheAlertRulesSpeakOfMetricsThatAreThere) {
  fill_everything();
  const std::string shown = metrics_.render();
  std::stringstream rules;
  rules << std::ifstream(std::string(kRules) + "/observerd-alerts.yml").rdbuf();
  const std::string text = rules.str();
  const std::regex name("observerd_[a-z_]+");
  int count = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at, ++count) {
    EXPECT_NE(shown.find("\n# TYPE " + at->str() + " "), std::string::npos) << at->str();
  }
  EXPECT_GE(count, 8);
}

TEST_F(MetricsTest, TheAlertRulesFireWhenTheyShould) {
  if (!has_promtool()) GTEST_SKIP() << kNoPromtool;
  const std::string rules = kRules;
  EXPECT_EQ(std::system(("promtool test rules " + rules + "/observerd-alerts.test.yml").c_str()),
            0);
}

TEST_F(MetricsTest, AnAttemptIsCountedInItsBucketTypeAndOutcome) {
  metrics_.attempt("webhook", 0, milliseconds(200));
  metrics_.attempt("webhook", 1, milliseconds(3));
  metrics_.attempt("webhook", 99, milliseconds(3));
  const Scrape scrape = this->scrape();
  const std::string bucket = "observerd_attempt_duration_seconds_bucket{type=\"webhook\",le=";
  EXPECT_EQ(scrape.value(bucket + "\"0.1\"}"), 1);
  EXPECT_EQ(scrape.value(bucket + "\"0.25\"}"), 2);
  EXPECT_EQ(scrape.value(R"(observerd_deliveries_total{outcome="delivered",type="webhook"})"), 1);
  EXPECT_EQ(scrape.value(R"(observerd_deliveries_total{outcome="retry",type="webhook"})"), 1);
  EXPECT_NEAR(scrape.value("observerd_attempt_duration_seconds_sum{type=\"webhook\"}"), 0.203,
              1e-9);
}

TEST_F(MetricsTest, ObserversBeyondTheBoundAreCountedTogether) {
  for (int i = 0; i < 2000; ++i) metrics_.condition_error("observer " + std::to_string(i));
  metrics_.condition_error("observer 0");
  const Scrape scrape = this->scrape();
  EXPECT_EQ(scrape.count("observerd_condition_errors_total"), 501u);
  EXPECT_EQ(scrape.value("observerd_condition_errors_total{observer=\"(other)\"}"), 1500);
  EXPECT_EQ(scrape.value(R"(observerd_condition_errors_total{observer="observer 0"})"), 2);
}

TEST_F(MetricsTest, WhatTheDatabaseKnowsIsAbsentWhileItIsAway) {
  metrics_.set_collector([](Gauges& gauges) { gauges.shards_owned = 2; });
  const Scrape scrape = this->scrape();
  EXPECT_EQ(scrape.value("observerd_database_up"), 0);
  EXPECT_EQ(scrape.value("observerd_shards_owned"), 2);
  EXPECT_EQ(scrape.count("observerd_lag_"), 0u);
}

TEST_F(MetricsTest, ACollectorThatThrowsCostsNoScrape) {
  metrics_.events_read(1);
  metrics_.set_collector([](Gauges&) { throw std::runtime_error("gone"); });
  EXPECT_EQ(scrape().value("observerd_events_read_total"), 1);
}

TEST_F(MetricsTest, ALaneThatIsGoneLeavesNoSeries) {
  metrics_.set_collector([](Gauges& gauges) { gauges.lanes = {{"webhook", 1, 1, 1, 0, 0}}; });
  EXPECT_EQ(scrape().count("observerd_lane"), 4u);
  metrics_.set_collector(nullptr);
  EXPECT_EQ(scrape().count("observerd_lane"), 0u);
}

TEST_F(MetricsTest, PluginsMetricsGetTheirPrefixAndKind) {
  metrics_.plugin_metric("web-hook", 0, "requests", 2, {{"status", "2xx"}});
  metrics_.plugin_metric("web-hook", 0, "requests", 3, {{"status", "2xx"}});
  metrics_.plugin_metric("web-hook", 0, "bytes_total", 10, {});
  metrics_.plugin_metric("web-hook", 1, "open_connections", 7, {});
  metrics_.plugin_metric("web-hook", 1, "open_connections", 5, {});
  metrics_.plugin_metric("web-hook", 2, "connect_seconds", 0.02, {});
  metrics_.plugin_metric("web-hook", 9, "unknown_kind", 1, {});
  const Scrape scrape = this->scrape();
  EXPECT_EQ(scrape.value(R"(observerd_plugin_web_hook_requests_total{status="2xx"})"), 5);
  EXPECT_EQ(scrape.value("observerd_plugin_web_hook_bytes_total"), 10);
  EXPECT_EQ(scrape.value("observerd_plugin_web_hook_open_connections"), 5);
  EXPECT_EQ(scrape.value("observerd_plugin_web_hook_connect_seconds_bucket{le=\"0.025\"}"), 1);
  EXPECT_EQ(scrape.value("observerd_plugin_web_hook_connect_seconds_bucket{le=\"0.005\"}"), 0);
  EXPECT_EQ(scrape.value(R"(observerd_plugin_metrics_rejected_total{type="web-hook"})"), 0);
}

struct BadMetric {
  const char* why;
  int kind;
  std::string name;
  double value;
  Metrics::Labels labels;
};

TEST_F(MetricsTest, MalformedPluginMetricsAreDroppedAndCounted) {
  metrics_.plugin_metric("acme", 1, "known", 1, {{"a", "1"}});
  const std::string long_text(200, 'x');
  const BadMetric bad[] = {
      {"no name", 0, "", 1, {}},
      {"upper case", 0, "Requests", 1, {}},
      {"a new line", 0, "a\nobserverd_ready 1", 1, {}},
      {"a digit first", 0, "1a", 1, {}},
      {"too long", 0, long_text, 1, {}},
      {"counts down", 0, "a", -1, {}},
      {"no number", 1, "a", std::nan(""), {}},
      {"infinite", 2, "a", HUGE_VAL, {}},
      {"a gauge like a counter", 1, "a_total", 1, {}},
      {"like a histogram's part", 1, "a_bucket", 1, {}},
      {"reserved label", 2, "a", 1, {{"le", "1"}}},
      {"bad label", 1, "a", 1, {{"a-b", "1"}}},
      {"a label twice", 1, "a", 1, {{"a", "1"}, {"a", "2"}}},
      {"a label too long", 1, "a", 1, {{"a", long_text}}},
      {"no UTF-8", 1, "a", 1, {{"a", "\xff"}}},
      {"five labels", 1, "a", 1, {{"a", ""}, {"b", ""}, {"c", ""}, {"d", ""}, {"e", ""}}},
      {"another kind", 2, "known", 1, {{"a", "1"}}},
      {"other labels", 1, "known", 1, {{"b", "1"}}},
  };
  double rejected = 0;
  for (const BadMetric& one : bad) {
    metrics_.plugin_metric("acme", one.kind, one.name, one.value, one.labels);
    const Scrape scrape = this->scrape();
    EXPECT_EQ(scrape.value(R"(observerd_plugin_metrics_rejected_total{type="acme"})"), ++rejected)
        << one.why;
    EXPECT_EQ(scrape.count("observerd_plugin_acme_"), 1u) << one.why;
  }
}

TEST_F(MetricsTest, APluginCannotMakeSeriesWithoutEnd) {
  for (int i = 0; i < 500; ++i) {
    const std::string text = std::to_string(i);
    metrics_.plugin_metric("acme", 1, "by_label", 1, {{"destination", text}});
    metrics_.plugin_metric("acme", 1, "name_" + text, 1, {});
  }
  const Scrape scrape = this->scrape();
  EXPECT_EQ(scrape.count("observerd_plugin_acme_by_label"), 100u);
  EXPECT_EQ(scrape.count("observerd_plugin_acme_name_"), 63u);
}

TEST_F(MetricsTest, CountsExactlyUnderManyThreadsAndScrapes) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 2000; ++i) {
        metrics_.events_read(2);
        metrics_.attempt(t % 2 == 0 ? "webhook" : "sms", 0, milliseconds(1));
        metrics_.dead_letter("o" + std::to_string(i % 10));
        metrics_.plugin_metric("acme", 0, "calls", 1, {});
      }
    });
  }
  for (int i = 0; i < 5; ++i) scrape();
  for (std::thread& thread : threads) thread.join();
  const Scrape scrape = this->scrape();
  EXPECT_EQ(scrape.value("observerd_events_read_total"), 16000);
  EXPECT_EQ(scrape.value("observerd_attempt_duration_seconds_count{type=\"sms\"}"), 4000);
  EXPECT_EQ(scrape.value(R"(observerd_dead_letters_filed_total{observer="o3"})"), 800);
  EXPECT_EQ(scrape.value("observerd_plugin_acme_calls_total"), 8000);
}

}  // namespace
}  // namespace observerd::telemetry
