#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "fixture.hpp"
#include "keys.hpp"
#include "support/readme.hpp"

namespace observerd::testing {
namespace {

class PushReadme : public ::testing::Test {
 protected:
  PushReadme() {
    trial_.set_credential("firebase.json", service_account("https://oauth2.googleapis.com/token"));
    trial_.set_credential("apns.p8", kEcKey);
    trial_.set_variable("VAPID_KEY", kVapidKey);
    trial_.set_variable("NTFY_TOKEN", "tk_secret");
  }

  /// What `observerd test` shows for an action with these settings of the module.
  std::string shown(const std::string& module, const std::string& action) {
    trial_.configure_module("push", module);
    return trial_.shown({action}, R"({"kind": "insert", "entity": "Order", "new": )"
                                  R"({"id": 7, "device_token": ")" +
                                      std::string(64, 'a') + "\", " +
                                      subscription("https://fcm.googleapis.com/wp/secret") + "}}");
  }

 private:
  ReadmeTrial trial_;
};

TEST_F(PushReadme, TheExamplesDoWhatItSays) {
  const auto actions = readme_blocks("push");
  const auto modules = readme_blocks("push", "jsonc");
  ASSERT_EQ(actions.size(), 3u);
  ASSERT_EQ(modules.size(), 2u);
  const auto phones = objects_of(modules[0]);
  const auto others = objects_of(modules[1]);
  ASSERT_EQ(phones.size(), 2u);
  ASSERT_EQ(others.size(), 2u);
  const struct {
    std::string text;
    std::vector<std::string> parts;
  } cases[] = {
      {shown(phones[0], actions[0]),
       {"POST https://fcm.googleapis.com/v1/projects/test-project/messages:send",
        R"("notification":{"title":"Order 7","body":"has been shipped"},"data":{"order":"7"})"}},
      {shown(phones[1], actions[0]),
       {"POST https://api.push.apple.com/3/device/aaaa", "apns-topic: com.example.app",
        "apns-collapse-id: order-7", R"({"aps":{"alert":{"title":"Order 7")"}},
      {shown(others[0], actions[1]),
       {"POST https://fcm.googleapis.com/wp/secret", "vapid t=***", R"({"title":"Order 7"})"}},
      {shown(others[1], actions[2]),
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
