#include "config_test_support.hpp"
#include "support/sanitizer.hpp"

namespace observerd::config {
namespace {

using namespace std::chrono_literals;
using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* kFull = R"({
  "$schema": "https://example.com/s.json",
  "database": { "url": "postgresql://app@localhost/app", "schema": "obs", "shards": 8, },
  "plugins": {
    "directories": ["/a"], "trusted_directories": ["/b"],
    "settings": { "email": { "host": "smtp", "password": {"credential": "smtp"} } },
    "modules": { "partner": { "type": "webhook", "settings": { "proxy": "p" } },
                 "bare": { "type": "webhook" } },
    "isolation": { "acme": "in-process", "b": "process" }, "runner": { "memory": "1GiB" },
    "sha256": { "acme": "ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef0123456789" },
    "required": { "acme": false },
  },
  "defaults": { "retry": { "max_attempts": 5, "backoff": "linear", "initial_delay": "2s" },
                "timeout": "5s", "on_failure": "log", "concurrency": 3, "missing": "empty",
                "retry_after_cap": "10m", "max_age": "2d", "unavailable_limit": "1h",
                "rate": "50/m", "breaker": { "failures": 3, "open": "2s" } },
  "runtime": { "queue_events": 10, "queue_bytes": "1MiB", "shutdown_timeout": "0s",
               "poll_interval": "250ms", "event_log": "failed",
               "event_log_retention": "0s", "overflow": "drop_oldest", "watch": true,
               "alert": { "rate": "2/h", "action": { "type": "log", "on_failure": "alert" } } },
  "admin": { "listen": "unix:/run/o.sock", "token": "sesame" },
  "log": { "level": "debug", "format": "json" },
  "entities": { "Order": { "table": "public.orders", "key": ["a", "b"] } },
  "observers": [
    { "name": "one", "entity": "Order", "events": ["update", "insert", "update"],
      "when": "total > 100", "ordering": "none", "sequence": "strict", "enabled": false,
      "actions": [
        { "type": "webhook", "url": "https://x", "timeout": "7s", "module": "partner",
          "retry": { "jitter": 0, "multiplier": 1.5, "max_delay": "9s" } },
        { "type": "webhook", "name": "again", "message": 1, "on_failure": "dlq",
          "missing": "error", "max_age": "1d" } ] },
    { "name": "two", "entity": "*", "events": ["*"], "actions": [ { "type": "log" } ] }
  ] /* the end */
})";

TEST(Config, ReadsEverySettingOfTheLanguage) {
  const Loaded loaded = load_one(kFull);
  ASSERT_THAT(loaded.errors(), IsEmpty());
  const Settings& s = loaded.settings();
  EXPECT_EQ(s.database.url, "postgresql://app@localhost/app");
  EXPECT_EQ(s.database.schema, "obs");
  EXPECT_EQ(s.database.shards, 8);
  EXPECT_THAT(s.plugins.directories, ElementsAre("/a"));
  EXPECT_THAT(s.plugins.trusted_directories, ElementsAre("/b"));
  ASSERT_EQ(s.plugins.modules.size(), 3u);
  EXPECT_EQ(s.plugins.modules[0].name, "");
  EXPECT_EQ(s.plugins.modules[0].type, "email");
  EXPECT_EQ(json::write(s.plugins.modules[0].settings),
            R"({"host":"smtp","password":{"credential":"smtp"}})");
  EXPECT_EQ(s.plugins.modules[1].name, "partner");
  EXPECT_EQ(s.plugins.modules[1].place.to_string(),
            "f.json:7:62 /plugins/modules/partner/settings");
  EXPECT_EQ(json::write(s.plugins.modules[2].settings), "{}");
  EXPECT_EQ(s.plugins.isolation.at("acme"), Isolation::InProcess);
  EXPECT_EQ(s.plugins.isolation.at("b"), Isolation::Process);
  EXPECT_EQ(s.plugins.runner_memory, 1LL << 30);
  EXPECT_EQ(s.plugins.sha256.at("acme").substr(0, 8), "abcdef01");
  EXPECT_FALSE(s.plugins.required.at("acme"));
  EXPECT_EQ(s.runtime.queue_events, 10);
  EXPECT_EQ(s.runtime.queue_bytes, 1 << 20);
  EXPECT_EQ(s.runtime.shutdown_timeout, 0ms);
  EXPECT_EQ(s.runtime.poll_interval, 250ms);
  EXPECT_EQ(s.runtime.event_log, EventLog::Failed);
  EXPECT_EQ(s.runtime.event_log_retention, 0ms);
  EXPECT_EQ(s.runtime.overflow, Overflow::DropOldest);
  EXPECT_TRUE(s.runtime.watch);
  ASSERT_TRUE(s.runtime.alert);
  EXPECT_EQ(s.runtime.alert->action.type, "log");
  EXPECT_EQ(s.runtime.alert->action.delivery.on_failure, OnFailure::Log) << "never an alert";
  EXPECT_EQ(s.runtime.alert->rate.count, 2);
  EXPECT_EQ(s.runtime.alert->rate.per, 1h);
  ASSERT_TRUE(s.admin);
  EXPECT_EQ(s.admin->listen, "unix:/run/o.sock");
  EXPECT_EQ(s.admin->token, "sesame");
  EXPECT_EQ(s.log.level, "debug");
  EXPECT_TRUE(s.log.json);
  EXPECT_EQ(s.entities.at("Order").table, "public.orders");
  EXPECT_THAT(s.entities.at("Order").key, ElementsAre("a", "b"));
}

TEST(Config, ReadsObserversAndLeavesATypesOwnSettingsToTheType) {
  const Loaded loaded = load_one(kFull);
  ASSERT_THAT(loaded.errors(), IsEmpty());
  ASSERT_EQ(loaded.settings().observers.size(), 2u);
  const ObserverSettings& one = loaded.settings().observers[0];
  EXPECT_THAT(one.events, ElementsAre(EventKind::Update, EventKind::Insert));
  EXPECT_EQ(one.when, "total > 100");
  EXPECT_EQ(one.ordering, Ordering::None);
  EXPECT_EQ(one.sequence, Sequence::Strict);
  EXPECT_FALSE(one.enabled);
  EXPECT_EQ(one.place.to_string(), "f.json:25:5 /observers/0");
  ASSERT_EQ(one.actions.size(), 2u);
  EXPECT_EQ(one.actions[0].name, "webhook");
  EXPECT_EQ(one.actions[0].module, "partner");
  EXPECT_EQ(json::write(one.actions[0].settings), R"({"url":"https://x"})");
  EXPECT_EQ(one.actions[1].name, "again");
  EXPECT_EQ(json::write(one.actions[1].settings), R"({"message":1})");
  EXPECT_THAT(loaded.settings().observers[1].events, IsEmpty());
}

TEST(Config, AnActionsDeliverySettingsGoOverTheDefaultsMemberByMember) {
  const Loaded loaded = load_one(kFull);
  ASSERT_THAT(loaded.errors(), IsEmpty());
  const DeliverySettings& first = loaded.settings().observers[0].actions[0].delivery;
  EXPECT_EQ(first.timeout, 7s);                     // its own
  EXPECT_EQ(first.retry.jitter, 0);                 // its own
  EXPECT_EQ(first.retry.multiplier, 1.5);           // its own
  EXPECT_EQ(first.retry.max_delay, 9s);             // its own
  EXPECT_EQ(first.retry.max_attempts, 5);           // of defaults
  EXPECT_EQ(first.retry.backoff, Backoff::Linear);  // of defaults
  EXPECT_EQ(first.retry.initial_delay, 2s);         // of defaults
  EXPECT_EQ(first.on_failure, OnFailure::Log);      // of defaults
  EXPECT_EQ(first.concurrency, 3);                  // of defaults
  EXPECT_EQ(first.retry_after_cap, 10min);          // of defaults
  EXPECT_EQ(first.max_age, Milliseconds(48h));      // of defaults
  EXPECT_EQ(first.unavailable_limit, 1h);           // of defaults
  EXPECT_TRUE(first.missing_is_empty);              // of defaults
  ASSERT_TRUE(first.rate && first.breaker);         // of defaults
  EXPECT_EQ(first.rate->count, 50);
  EXPECT_EQ(first.breaker->failures, 3);
  EXPECT_EQ(first.breaker->window, 1min);
  const DeliverySettings& second = loaded.settings().observers[0].actions[1].delivery;
  EXPECT_EQ(second.on_failure, OnFailure::Dlq);
  EXPECT_FALSE(second.missing_is_empty);
  EXPECT_EQ(second.max_age, Milliseconds(24h));
}

TEST(Config, BuiltInDefaultsHoldWhereNothingIsSaid) {
  const Loaded loaded = load_one(with_observer(""));
  ASSERT_THAT(loaded.errors(), IsEmpty());
  const DeliverySettings& d = loaded.settings().observers[0].actions[0].delivery;
  EXPECT_EQ(d.retry.max_attempts, 30);
  EXPECT_EQ(d.retry.backoff, Backoff::Exponential);
  EXPECT_EQ(d.retry.initial_delay, 1s);
  EXPECT_EQ(d.retry.max_delay, 1h);
  EXPECT_EQ(d.timeout, 30s);
  EXPECT_FALSE(d.max_age.has_value());
  EXPECT_EQ(loaded.settings().database.schema, "observer");
  EXPECT_THAT(loaded.settings().plugins.directories,
              ElementsAre("/usr/lib/observerd/plugins-1", "/usr/local/lib/observerd/plugins-1"));
}

TEST(Config, LaterFilesMergeObjectsAppendObserversAndReplaceTheRest) {
  const Loaded loaded =
      load_named({{"main.json", R"({"database":{"url":"postgresql://h/d","shards":2},
          "plugins":{"directories":["/a"],"trusted_directories":["/x"],
                     "settings":{"email":{"host":"a","port":1}}},
          "observers":[{"name":"one","entity":"A","actions":[{"type":"t"}]}]})"},
                  {"conf.d/1.json", R"({"database":{"shards":3},
          "plugins":{"directories":["/b"],"trusted_directories":["/y"],
                     "settings":{"email":{"host":"b"},"sms":{}}},
          "observers":[{"name":"two","entity":"A","actions":[{"type":"t"}]},
                       {"name":"three","entity":"A","actions":[{"type":"t"}]}]})"}},
                 environment());
  ASSERT_THAT(loaded.errors(), IsEmpty());
  const Settings& s = loaded.settings();
  EXPECT_EQ(s.database.url, "postgresql://h/d");
  EXPECT_EQ(s.database.shards, 3);
  EXPECT_THAT(s.plugins.directories, ElementsAre("/a", "/b"));
  EXPECT_THAT(s.plugins.trusted_directories, ElementsAre("/y"));
  ASSERT_EQ(s.plugins.modules.size(), 2u);
  EXPECT_EQ(json::write(s.plugins.modules[0].settings), R"({"host":"b","port":1})");
  ASSERT_EQ(s.observers.size(), 3u);
  EXPECT_EQ(s.observers[0].name, "one");
  // Pointers are those of the file that is named.
  EXPECT_EQ(s.observers[2].place.to_string(), "conf.d/1.json:5:24 /observers/1");
  EXPECT_EQ(s.observers[2].actions[0].place.pointer, "/observers/1/actions/0");
}

TEST(Config, ALaterFileReplacesAReferenceAndEitherFormOfAString) {
  const Environment env = environment({{"A", "postgresql://env/a"}});
  const std::string by_variable = R"({"database":{"url_env":"A"}})";
  const std::string literal = R"({"database":{"url":"postgresql://literal/b"}})";
  const std::string reference = R"({"database":{"url":{"env":"A"}}})";
  const std::string other = R"({"database":{"url":{"file":"/nowhere"}}})";
  const struct {
    std::string first, second, url;
  } cases[] = {{by_variable, literal, "postgresql://literal/b"},
               {literal, by_variable, "postgresql://env/a"},
               {literal, reference, "postgresql://env/a"},
               {other, reference, "postgresql://env/a"},
               {reference, literal, "postgresql://literal/b"}};
  for (const auto& c : cases) {
    const Loaded loaded = load_named({{"a", c.first}, {"b", c.second}}, env);
    ASSERT_THAT(loaded.errors(), IsEmpty()) << c.first << c.second;
    EXPECT_EQ(loaded.settings().database.url, c.url);
  }
}

TEST(Config, NamesOfTheUsersOwnAreNeverTakenForReferences) {
  const Loaded loaded = load_named({{"a", with(R"("entities":{"file":{"table":"f"}},
                     "plugins":{"settings":{"env":{"a":1}},"required":{"env":true}})")},
                                    {"b", R"({"entities":{"env":{"table":"e"}},
                 "plugins":{"settings":{"env":{"b":2}},"required":{"file":false}}})"}},
                                   environment());
  ASSERT_THAT(loaded.errors(), IsEmpty());
  EXPECT_EQ(loaded.settings().entities.size(), 2u);
  EXPECT_EQ(json::write(loaded.settings().plugins.modules[0].settings), R"({"a":1,"b":2})");
  EXPECT_EQ(loaded.settings().plugins.required.size(), 2u);
}

TEST(Config, AByteOrderMarkIsPassedOver) {
  EXPECT_THAT(load_one("\xEF\xBB\xBF" + with("")).errors(), IsEmpty());
}

TEST(Config, ManyObserversLoadInLinearTime) {
  std::string text = "{\"database\":{\"url\":\"postgresql://h/d\"},\"observers\":[";
  constexpr int kObservers = observerd::testing::is_sanitized ? 4'000 : 20'000;
  for (int i = 0; i < kObservers; ++i) {
    text += "{\"name\":\"o" + std::to_string(i) +
            "\",\"entity\":\"E\",\"actions\":[{\"type\":\"t\"}]},\n";
  }
  const auto start = std::chrono::steady_clock::now();
  const Loaded loaded = load_one(text + "]}");
  EXPECT_THAT(loaded.errors(), IsEmpty());
  EXPECT_EQ(loaded.settings().observers.back().place.line, kObservers);
  // Far above what it takes, far below what quadratic time would.
  EXPECT_LT(std::chrono::steady_clock::now() - start, 20s);
}

}  // namespace
}  // namespace observerd::config
