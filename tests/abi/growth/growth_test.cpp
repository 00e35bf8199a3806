#include <gmock/gmock.h>

#include "unit/plugin/fixtures.hpp"

/// Old and new hosts with old and new plugins. This file is built twice: against the shipped header
/// with the shipped host (the old one), and against the header of next_header.cmake with the same
/// sources of the host built against that (the new one). The plugins are those of grown.c.
namespace observerd::plugin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr bool is_new_host = OBSERVERD_ABI_NEWEST_MINOR >= 1;
const char* const this_host = is_new_host ? "this host speaks 1.1" : "this host speaks 1.0";

/// What the plugin says after one delivery through the host's own Module.
ItemResult delivered_by(const std::string& fixture) {
  Opened plugin(fixture, "grown");
  if (plugin.module == nullptr || !plugin.module->start().ok()) return {};
  plugin.deliver({plugin.item()});
  EXPECT_EQ(plugin.services.metric_sum("misbehaved_total/unreported"), 0);
  return plugin.results.of(0);
}

TEST(AbiGrowth, APluginOfMinor0Delivers) {
  const ItemResult result = delivered_by("grown_old");
  EXPECT_EQ(result.outcome, Outcome::Delivered);
  EXPECT_EQ(result.code, "plugin 0");
  EXPECT_EQ(result.remote_id, is_new_host ? "host 1" : "host 0");
}

TEST(AbiGrowth, APluginOfMinor1Delivers) {
  const ItemResult result = delivered_by("grown_new");
  EXPECT_EQ(result.outcome, Outcome::Delivered);
  EXPECT_EQ(result.code, "plugin 1");
  EXPECT_EQ(result.remote_id, is_new_host ? "host 1" : "host 0");
}

TEST(AbiGrowth, APluginPinnedToMinor0IsOneOfMinor0) {
  const ItemResult result = delivered_by("grown_pinned");
  EXPECT_EQ(result.outcome, Outcome::Delivered);
  EXPECT_EQ(result.code, "plugin 0");
}

TEST(AbiGrowth, APluginThatNeedsMinor1IsRefusedByNameByAnOlderHost) {
  TempDirectory directory;
  directory.add_fixture("grown_demanding");
  const std::string reason = fault_of(directory);
  if (is_new_host) {
    EXPECT_EQ(reason, "");
  } else {
    EXPECT_THAT(reason, AllOf(HasSubstr("OB016"), HasSubstr("grown_demanding.so"),
                              HasSubstr("needs a host with plugin ABI 1.1 or newer"),
                              HasSubstr(this_host), HasSubstr("update observerd")));
  }
}

TEST(AbiGrowth, AnotherMajorIsRefusedByName) {
  TempDirectory directory;
  directory.add_fixture("wrong_major");
  EXPECT_THAT(fault_of(directory),
              AllOf(HasSubstr("OB016"), HasSubstr("built for plugin ABI 2.0"), HasSubstr(this_host),
                    HasSubstr("build it against the SDK")));
}

#if OBSERVERD_ABI_NEWEST_MINOR >= 1

TEST(AbiGrowth, ASlotThatAnOlderPluginLacksIsAbsent) {
  Opened old("grown_old", "grown");
  EXPECT_EQ(old.module->type().table->weigh, nullptr);
  Opened pinned("grown_pinned", "grown");
  EXPECT_EQ(pinned.module->type().table->weigh, nullptr);
}

TEST(AbiGrowth, ASlotThatANewerPluginHasIsThere) {
  Opened plugin("grown_new", "grown");
  const auto weigh = plugin.module->type().table->weigh;
  ASSERT_NE(weigh, nullptr);
  EXPECT_EQ(weigh(nullptr, nullptr), 7u);
}

/// A host that offers the new slot, as far as one delivery needs it.
struct OfferingHost {
  observerd_host host{};
  observerd_batch batch{};
  observerd_item item{};
  const observerd_item* items = &item;
  std::string remarks, remote_id;

  OfferingHost() {
    host.struct_size = sizeof host;
    host.abi_minor = OBSERVERD_ABI_NEWEST_MINOR;
    host.context = this;
    host.remark = [](const observerd_host* self, observerd_str text) {
      static_cast<OfferingHost*>(self->context)->remarks.append(text.data, text.len);
    };
    item.struct_size = sizeof item;
    batch.struct_size = sizeof batch;
    batch.count = 1;
    batch.items = &items;
    batch.context = this;
    batch.report = [](const observerd_batch* self, std::uint32_t, const observerd_result* result) {
      static_cast<OfferingHost*>(self->context)
          ->remote_id.assign(result->remote_id.data, result->remote_id.len);
    };
  }
  void deliver(const observerd_action_type& type) {
    observerd_module* module = type.open(&host, {nullptr, 0}, nullptr);
    type.deliver(module, &batch);
    type.close(module);
  }
};

TEST(AbiGrowth, ANewPluginUsesTheSlotOfANewHostAndAnOldOneDoesWithout) {
  OfferingHost host;
  Opened newer("grown_new", "grown");
  host.deliver(*newer.module->type().table);
  EXPECT_EQ(host.remote_id, "remarked");
  EXPECT_EQ(host.remarks, "delivered");
  Opened older("grown_old", "grown");
  host.deliver(*older.module->type().table);
  EXPECT_EQ(host.remote_id, "host 1");
  EXPECT_EQ(host.remarks, "delivered");
}

#endif

/// Binaries that were built when 1.0 was new; see golden/README.md.
class AbiGolden : public ::testing::TestWithParam<const char*> {};

TEST_P(AbiGolden, LoadsAndDelivers) {
  const std::string type = GetParam();
  TempDirectory directory;
  directory.write(type + ".so",
                  read_file(OBSERVERD_SOURCE_DIR "/tests/abi/golden/" + type + "-1.0.so"));
  RecordingServices services;
  const auto registry = load(directory, services);
  const ActionType* found = registry->find(type);
  ASSERT_NE(found, nullptr) << registry->entries().at(0)->reason.to_string();
  EXPECT_EQ(found->entry->abi_minor, 0);
  Diagnostics diagnostics;
  const auto module = open_module(*found, "{}", services, diagnostics);
  ASSERT_NE(module, nullptr);
  const auto action = module->bind("{}", diagnostics);
  ASSERT_NE(action, nullptr);
  ASSERT_TRUE(module->start().ok());
  Results results;
  Item item;
  item.action = action.get();
  item.delivery_id = "golden";
  item.event_json = std::make_shared<const std::string>("{}");
  item.settings_json = std::make_shared<const std::string>("{}");
  module->deliver({item, item}, std::chrono::steady_clock::now() + std::chrono::seconds(30),
                  results.report());
  ASSERT_TRUE(results.wait_for(2));
  for (std::uint32_t i = 0; i < 2; ++i) {
    EXPECT_EQ(results.of(i).outcome, Outcome::Delivered);
    EXPECT_EQ(results.of(i).remote_id, "golden");
  }
  module->stop();
}

INSTANTIATE_TEST_SUITE_P(Released, AbiGolden, ::testing::Values("good", "async"));

}  // namespace
}  // namespace observerd::plugin
