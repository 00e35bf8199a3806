#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "fixture.hpp"
#include "keys.hpp"
#include "support/server_process.hpp"

namespace observerd::testing {
namespace {

/// What stands in fenced blocks of this language before the tables.
std::vector<std::string> blocks(const std::string& language) {
  std::ifstream stream(OBSERVERD_SOURCE_DIR "/plugins/push/README.md", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  text = text.substr(0, text.find("## Settings of the action"));
  const std::string begin = "```" + language + "\n";
  std::vector<std::string> out;
  for (std::size_t at = text.find(begin); at != std::string::npos; at = text.find(begin, at)) {
    at += begin.size();
    out.push_back(text.substr(at, text.find("```", at) - at));
  }
  return out;
}

/// The two objects of a block, each from the beginning of a line.
std::pair<std::string, std::string> halves(const std::string& block) {
  const std::size_t second = block.find("\n{ ") + 1;
  return {block.substr(0, second), block.substr(second)};
}

class PushReadme : public ::testing::Test {
 protected:
  /// What `observerd test` shows for an action with these settings of the module.
  std::string shown(const std::string& module, const std::string& action) const {
    const std::string config = folder_.write(
        "observerd.json", R"({"database": {"url": "postgresql://localhost/none"},)"
                          R"( "plugins": {"directories": [")" OBSERVERD_BUILD_DIR R"(/plugins"],)"
                          R"( "settings": {"push": )" +
                              module +
                              R"(}}, "observers": [{"name": "tell", "entity": "Order",)"
                              R"( "actions": [)" +
                              action + "]}]}");
    const std::string row = R"({"id": 7, "device_token": ")" + std::string(64, 'a') + "\", " +
                            subscription("https://fcm.googleapis.com/wp/secret") + "}";
    const std::string event =
        folder_.write("event.json", R"({"kind": "insert", "entity": "Order", "new": )" + row + "}");
    return run_program({find_program("env"), "CREDENTIALS_DIRECTORY=" + folder_.path().string(),
                        std::string("VAPID_KEY=") + kVapidKey, "NTFY_TOKEN=tk_secret",
                        OBSERVERD_BUILD_DIR "/bin/observerd", "test", "--config", config, "--event",
                        event});
  }

  const TestFolder folder_;
};

TEST_F(PushReadme, TheExamplesDoWhatItSays) {
  const auto actions = blocks("json");
  const auto modules = blocks("jsonc");
  ASSERT_EQ(actions.size(), 3u);
  ASSERT_EQ(modules.size(), 2u);
  folder_.write("firebase.json", service_account("https://oauth2.googleapis.com/token"));
  folder_.write("apns.p8", kEcKey);
  const auto [fcm, apns] = halves(modules[0]);
  const auto [web, ntfy] = halves(modules[1]);
  const struct {
    std::string text;
    std::vector<std::string> parts;
  } cases[] = {
      {shown(fcm, actions[0]),
       {"POST https://fcm.googleapis.com/v1/projects/test-project/messages:send",
        R"("notification":{"title":"Order 7","body":"has been shipped"},"data":{"order":"7"})"}},
      {shown(apns, actions[0]),
       {"POST https://api.push.apple.com/3/device/aaaa", "apns-topic: com.example.app",
        "apns-collapse-id: order-7", R"({"aps":{"alert":{"title":"Order 7")"}},
      {shown(web, actions[1]),
       {"POST https://fcm.googleapis.com/wp/secret", "vapid t=***", R"({"title":"Order 7"})"}},
      {shown(ntfy, actions[2]),
       {"POST https://ntfy.sh/", "Authorization: Bearer ***",
        R"({"topic":"orders","title":"Order 7","priority":4,"tags":["package"]})"}}};
  for (const auto& [text, parts] : cases) {
    for (const std::string& part : parts) {
      EXPECT_NE(text.find(part), std::string::npos) << part << "\nis not in\n" << text;
    }
    EXPECT_EQ(text.find("tk_secret"), std::string::npos) << text;
  }
}

}  // namespace
}  // namespace observerd::testing
