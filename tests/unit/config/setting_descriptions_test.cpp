// What editors are told of settings: complete, and the truth.
#include "config/setting_descriptions.hpp"

#include <tuple>

#include "config/recorder.hpp"
#include "config_test_support.hpp"

namespace observerd::config {
namespace {

using namespace testing;
using ::testing::IsEmpty;

/// A pointer that says nothing beside its container, or that stands for a type's own settings.
bool is_plain_item(const std::string& pointer) {
  return pointer.empty() || pointer.ends_with("/0") || pointer == "/plugins/settings/*";
}

TEST(SettingDescriptions, EverySettingIsDescribedAndNoOther) {
  const Recorder recorder = record_settings();
  for (const auto& [pointer, setting] : recorder.settings()) {
    std::string own = pointer;
    for (const std::string place : {"/observers/0/actions/0", "/runtime/alert/action"}) {
      if (!pointer.starts_with(place + "/")) continue;
      own = "/defaults" + pointer.substr(place.size());
      if (recorder.settings().count(own) == 0) {
        own = "/observers/0/actions/0" + pointer.substr(place.size());
      }
    }
    if (is_plain_item(own)) continue;
    const json::Value* keywords = setting_descriptions().find(own);
    ASSERT_NE(keywords, nullptr) << pointer << " is not described";
    EXPECT_THAT(keywords->string_or("description"), ::testing::EndsWith(".")) << pointer;
  }
  for (const auto& [pointer, keywords] : setting_descriptions().members()) {
    EXPECT_EQ(recorder.settings().count(pointer), 1u) << pointer << " is no setting";
  }
}

TEST(SettingDescriptions, DefaultsAreThoseThatAreBuiltIn) {
  json::Value given =
      parsed(with("\"admin\":{},\"observers\":[{\"name\":\"o\",\"entity\":\"E\","
                  "\"actions\":[{\"type\":\"t\"}]}]"));
  const Loaded built_in = load_one(json::write(given));
  std::size_t count = 0;
  for (const auto& [pointer, keywords] : setting_descriptions().members()) {
    const json::Value* value = keywords.find("default");
    if (value == nullptr || pointer.find('*') != std::string::npos ||
        pointer == "/runtime/alert/rate")
      continue;
    json::Value* place = &given;
    std::string rest = pointer.substr(1);
    for (std::size_t slash; (slash = rest.find('/')) != std::string::npos;) {
      const std::string name = rest.substr(0, slash);
      rest.erase(0, slash + 1);
      if (place->is_array()) {
        place = &place->items()[0];
      } else {
        if (place->find(name) == nullptr) place->set(name, json::Value::object());
        place = place->find(name);
      }
    }
    place->set(rest, *value);
    ++count;
  }
  EXPECT_GT(count, 25u);
  const Loaded said = load_one(json::write(given));
  ASSERT_THAT(said.errors(), IsEmpty());
  const auto& [a, b] = std::tie(built_in.settings(), said.settings());
  EXPECT_EQ(a.database.schema, b.database.schema);
  EXPECT_EQ(a.database.shards, b.database.shards);
  EXPECT_EQ(a.plugins.runner_memory, b.plugins.runner_memory);
  EXPECT_EQ(a.runtime.queue_events, b.runtime.queue_events);
  EXPECT_EQ(a.runtime.queue_bytes, b.runtime.queue_bytes);
  EXPECT_EQ(a.runtime.shutdown_timeout, b.runtime.shutdown_timeout);
  EXPECT_EQ(a.runtime.poll_interval, b.runtime.poll_interval);
  EXPECT_EQ(a.runtime.event_log, b.runtime.event_log);
  EXPECT_EQ(a.runtime.event_log_retention, b.runtime.event_log_retention);
  EXPECT_EQ(a.runtime.overflow, b.runtime.overflow);
  EXPECT_EQ(a.runtime.watch, b.runtime.watch);
  EXPECT_EQ(a.admin->listen, b.admin->listen);
  EXPECT_EQ(a.log.level, b.log.level);
  EXPECT_EQ(a.log.json, b.log.json);
  const ObserverSettings &one = a.observers[0], &other = b.observers[0];
  EXPECT_EQ(one.ordering, other.ordering);
  EXPECT_EQ(one.sequence, other.sequence);
  EXPECT_EQ(one.enabled, other.enabled);
  const DeliverySettings &x = one.actions[0].delivery, &y = other.actions[0].delivery;
  EXPECT_EQ(x.retry.max_attempts, y.retry.max_attempts);
  EXPECT_EQ(x.retry.backoff, y.retry.backoff);
  EXPECT_EQ(x.retry.initial_delay, y.retry.initial_delay);
  EXPECT_EQ(x.retry.max_delay, y.retry.max_delay);
  EXPECT_EQ(x.retry.multiplier, y.retry.multiplier);
  EXPECT_EQ(x.retry.jitter, y.retry.jitter);
  EXPECT_EQ(x.timeout, y.timeout);
  EXPECT_EQ(x.on_failure, y.on_failure);
  EXPECT_EQ(x.concurrency, y.concurrency);
  EXPECT_EQ(x.breaker->failures, y.breaker->failures);
  EXPECT_EQ(x.breaker->window, y.breaker->window);
  EXPECT_EQ(x.breaker->open, y.breaker->open);
  EXPECT_EQ(x.retry_after_cap, y.retry_after_cap);
  EXPECT_EQ(x.unavailable_limit, y.unavailable_limit);
  EXPECT_EQ(x.missing_is_empty, y.missing_is_empty);
}

}  // namespace
}  // namespace observerd::config
