#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <filesystem>

#include "unit/plugin/fixtures.hpp"

namespace observerd::plugin {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

/// One of the plugins that observerd ships, loaded from where it was built.
class Shipped {
 public:
  explicit Shipped(const std::string& type) {
    directory.write(type + ".so",
                    read_file(fs::path(OBSERVERD_BUILD_DIR) / "plugins" / (type + ".so")));
    registry = load(directory, services);
    const ActionType* found = registry->find(type);
    if (found == nullptr) {
      ADD_FAILURE() << registry->entries().at(0)->reason.to_string();
      return;
    }
    module = open_module(*found, "{}", services, diagnostics);
  }

  std::unique_ptr<BoundAction> bind(const std::string& settings) {
    return module->bind(settings, diagnostics);
  }
  Item item(const BoundAction& action, const std::string& rendered = "{}") const {
    Item item;
    item.action = &action;
    item.delivery_id = "d-1";
    item.event_json = std::make_shared<const std::string>(R"({"kind":"insert"})");
    item.settings_json = std::make_shared<const std::string>(rendered);
    item.created_ns = 1'700'000'000'123'456'789;
    return item;
  }
  ItemResult deliver(std::vector<Item> items, const StartedFn& started = {}) {
    Results results;
    module->deliver(std::move(items), std::chrono::steady_clock::now() + std::chrono::seconds(30),
                    results.report(), started);
    return results.of(0);
  }

  TempDirectory directory;
  RecordingServices services;
  Diagnostics diagnostics;
  std::unique_ptr<Registry> registry;
  std::unique_ptr<Module> module;
};

TEST(PluginNull, ReportsTheConfiguredOutcome) {
  Shipped plugin("null");
  const struct {
    const char* settings;
    Outcome outcome;
    const char* code;
    int retry_after_ms;
  } cases[] = {
      {"{}", Outcome::Delivered, "", 0},
      {R"({"outcome":"delivered"})", Outcome::Delivered, "", 0},
      {R"({"outcome":"retry"})", Outcome::Retry, "null_retry", 0},
      {R"({"outcome":"throttled","retry_after_ms":1500})", Outcome::Throttled, "null_throttled",
       1500},
      {R"({"outcome":"rejected"})", Outcome::Rejected, "null_rejected", 0},
      {R"({"outcome":"unavailable"})", Outcome::Unavailable, "null_unavailable", 0},
      {R"({"outcome":"misconfigured"})", Outcome::Misconfigured, "null_misconfigured", 0},
      {R"({"outcome":"gone"})", Outcome::Gone, "null_gone", 0},
  };
  for (const auto& expected : cases) {
    const auto action = plugin.bind(expected.settings);
    ASSERT_NE(action, nullptr) << expected.settings;
    const ItemResult result = plugin.deliver({plugin.item(*action), plugin.item(*action)});
    EXPECT_EQ(result.outcome, expected.outcome) << expected.settings;
    EXPECT_EQ(result.code, expected.code);
    EXPECT_EQ(result.retry_after.count(), expected.retry_after_ms);
  }
  EXPECT_EQ(plugin.bind(R"({"outcome":"maybe"})"), nullptr);
  EXPECT_EQ(plugin.bind("{"), nullptr);
}

TEST(PluginNull, TakesItsTimeAndCanBeCancelled) {
  Shipped plugin("null");
  const auto slow = plugin.bind(R"({"delay_ms":20})");
  const auto before = std::chrono::steady_clock::now();
  EXPECT_EQ(plugin.deliver({plugin.item(*slow)}).outcome, Outcome::Delivered);
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(20));
  const auto endless = plugin.bind(R"({"delay_ms":600000})");
  EXPECT_NE(endless->batch_key(), slow->batch_key());
  const auto cancel = [](const std::shared_ptr<Call>& call) { call->cancel(); };
  EXPECT_EQ(plugin.deliver({plugin.item(*endless)}, cancel).outcome, Outcome::Cancelled);
  EXPECT_THAT(plugin.module->preview(plugin.item(*slow)), HasSubstr("d-1"));
}

TEST(PluginLog, WritesToTheHostsLog) {
  Shipped plugin("log");
  const auto action = plugin.bind(R"({"message":"{{ id }}","level":"warn"})");
  ASSERT_NE(action, nullptr);
  EXPECT_EQ(plugin.deliver({plugin.item(*action, R"({"message":"Order 1\nshipped"})")}).outcome,
            Outcome::Delivered);
  EXPECT_TRUE(plugin.services.said("3 log: Order 1\\nshipped delivery_id=d-1"));
  const auto plain = plugin.bind("{}");
  plugin.deliver({plugin.item(*plain)});
  EXPECT_TRUE(plugin.services.said(R"(2 log: {"kind":"insert"})"));
}

TEST(PluginLog, AppendsALinePerEventToAFile) {
  Shipped plugin("log");
  const fs::path file = plugin.directory / "events.log";
  const auto action = plugin.bind(R"({"message":"x","file":")" + file.string() + "\"}");
  ASSERT_NE(action, nullptr);
  EXPECT_THAT(action->lane_key(), HasSubstr(file.string()));
  const auto line = [&](const char* text) {
    return plugin.item(*action, std::string(R"({"message":")") + text + "\"}");
  };
  EXPECT_EQ(plugin.deliver({line("one"), line("two")}).outcome, Outcome::Delivered);
  EXPECT_EQ(plugin.deliver({line("three")}).outcome, Outcome::Delivered);
  EXPECT_EQ(read_file(file),
            "2023-11-14T22:13:20.123Z info one\n"
            "2023-11-14T22:13:20.123Z info two\n"
            "2023-11-14T22:13:20.123Z info three\n");
  EXPECT_EQ(plugin.module->preview(line("four")), "2023-11-14T22:13:20.123Z info four\n");
}

TEST(PluginLog, FollowsARotation) {
  Shipped plugin("log");
  const fs::path file = plugin.directory / "events.log";
  const auto action = plugin.bind(R"({"file":")" + file.string() + "\"}");
  plugin.deliver({plugin.item(*action)});
  fs::rename(file, plugin.directory / "events.log.1");
  plugin.deliver({plugin.item(*action)});
  EXPECT_FALSE(read_file(file).empty());
  EXPECT_EQ(read_file(file), read_file(plugin.directory / "events.log.1"));
}

TEST(PluginLog, AFileThatCannotBeOpenedIsMisconfigured) {
  Shipped plugin("log");
  bool supported = false;
  for (const std::string& path : {plugin.directory.path().string() + "/none/x.log",
                                  plugin.directory.path().string(), std::string("/dev/null")}) {
    const auto action = plugin.bind(R"({"file":")" + path + "\"}");
    EXPECT_EQ(plugin.deliver({plugin.item(*action)}).outcome, Outcome::Misconfigured) << path;
    EXPECT_THAT(plugin.module->probe(*action, supported).to_string(), HasSubstr("OB005 /file"));
  }
  const auto good = plugin.bind(R"({"file":")" + (plugin.directory / "new.log").string() + "\"}");
  EXPECT_TRUE(plugin.module->probe(*good, supported).ok());
  EXPECT_FALSE(fs::exists(plugin.directory / "new.log")) << "a probe changes nothing";
}

// A file size limit behaves as a full disk: a write in part, then an error.
TEST(PluginLog, AFullDiskLeavesNoHalfBatch) {
  Shipped plugin("log");
  const fs::path file = plugin.directory / "events.log";
  const auto action = plugin.bind(R"({"file":")" + file.string() + "\"}");
  plugin.deliver({plugin.item(*action)});
  const std::string before = read_file(file);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, SIG_IGN);
  const rlimit tight{before.size() + 10, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &tight);
  const ItemResult result = plugin.deliver({plugin.item(*action), plugin.item(*action)});
  ::setrlimit(RLIMIT_FSIZE, &old);
  EXPECT_EQ(result.outcome, Outcome::Retry);
  EXPECT_EQ(result.code, "write_failed");
  EXPECT_EQ(read_file(file), before);
}

}  // namespace
}  // namespace observerd::plugin
