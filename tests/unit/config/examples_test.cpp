// What is installed and shown as an example must load.
#include <algorithm>
#include <fstream>
#include <sstream>

#include "config_test_support.hpp"

namespace observerd::config {
namespace {

using namespace testing;
using ::testing::IsEmpty;

const Environment& example_environment() {
  static const Environment kEnvironment = environment({{"DATABASE_URL", "postgresql://h/d"}});
  return kEnvironment;
}

Loaded load_file(const std::string& name) {
  Loaded out;
  out.configuration = load(std::string(OBSERVERD_SOURCE_DIR) + "/config/" + name,
                           example_environment(), out.diagnostics);
  return out;
}

TEST(ConfigExamples, AllLoad) {
  for (const char* name :
       {"observerd.json", "examples/first-webhook.json", "examples/orders.json"}) {
    EXPECT_THAT(load_file(name).errors(), IsEmpty()) << name;
  }
}

/// The text with the comment taken off every line that would be a setting.
std::string uncommented(const std::string& text) {
  std::istringstream lines(text);
  std::string out;
  bool in_document = false;
  for (std::string line; std::getline(lines, line);) {
    const auto comment = line.find("// ");
    const bool only_comment =
        comment != std::string::npos && line.find_first_not_of(' ') == comment;
    if (in_document && only_comment) {
      const std::string rest = line.substr(comment + 3);
      const auto first = rest.find_first_not_of(' ');
      if (first != std::string::npos &&
          std::string("\"{}]").find(rest[first]) != std::string::npos) {
        line = rest;
      }
    }
    in_document = in_document || line == "{";
    out += line + '\n';
  }
  return out;
}

TEST(ConfigExamples, EveryCommentedSettingOfTheStartingConfigurationIsRight) {
  std::ifstream file(std::string(OBSERVERD_SOURCE_DIR) + "/config/observerd.json");
  std::stringstream text;
  text << file.rdbuf();
  const Loaded loaded = load_one(uncommented(text.str()));
  ASSERT_THAT(loaded.errors(), IsEmpty()) << uncommented(text.str());
  EXPECT_EQ(loaded.settings().entities.size(), 1u);
  EXPECT_EQ(loaded.settings().plugins.modules.size(), 2u);
  ASSERT_EQ(loaded.settings().observers.size(), 1u);
  // The values that are shown are the built-in ones, as the file says.
  const DeliverySettings& shown = loaded.settings().observers[0].actions[0].delivery;
  const DeliverySettings built_in;
  EXPECT_EQ(shown.retry.max_attempts, built_in.retry.max_attempts);
  EXPECT_EQ(shown.retry.max_delay, built_in.retry.max_delay);
  EXPECT_EQ(shown.retry.jitter, built_in.retry.jitter);
  EXPECT_EQ(shown.timeout, built_in.timeout);
  EXPECT_EQ(shown.concurrency, built_in.concurrency);
  EXPECT_EQ(shown.retry_after_cap, built_in.retry_after_cap);
  EXPECT_EQ(shown.unavailable_limit, built_in.unavailable_limit);
  EXPECT_EQ(loaded.settings().runtime.queue_bytes, RuntimeSettings().queue_bytes);
  EXPECT_EQ(loaded.settings().runtime.poll_interval, RuntimeSettings().poll_interval);
}

TEST(ConfigExamples, TheFirstWebhookIsTenLines) {
  std::ifstream file(std::string(OBSERVERD_SOURCE_DIR) + "/config/examples/first-webhook.json");
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  EXPECT_LE(std::count(all.begin(), all.end(), '\n'), 10);
}

}  // namespace
}  // namespace observerd::config
