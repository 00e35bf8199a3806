#include <gtest/gtest.h>

#include <string>

#include "support/readme.hpp"

namespace observerd::testing {
namespace {

/// The examples of the plugin's README in a configuration, dry.
TEST(SlackReadme, TheExamplesDoWhatItSays) {
  const auto examples = readme_blocks("slack");
  ASSERT_EQ(examples.size(), 3u);
  ReadmeTrial trial;
  trial.set_variable("SLACK_URL", "https://hooks.slack.com/services/T1/B1/s3cret");
  trial.set_variable("SLACK_TOKEN", "xoxb-s3cret");
  trial.configure(examples[2]);
  const std::string shown =
      trial.shown({examples[0], examples[1]}, R"({"kind": "insert", "entity": "Order", "id": "7",
          "new": {"id": 7, "region": "eu", "total": 99.50, "customer": {"name": "<!channel>"}}})");
  for (const char* part :
       {R"({"text":"Order 7 shipped to &lt;!channel&gt;"})",
        "POST https://slack.com/api/chat.postMessage", "Authorization: Bearer ***",
        R"("channel":"#orders-eu","text":"Order 7: 99.50")",
        R"("blocks":[{"type":"section","text":{"type":"mrkdwn","text":"*Order 7*\n99.50"}}])"}) {
    EXPECT_NE(shown.find(part), std::string::npos) << part << "\nis not in\n" << shown;
  }
  EXPECT_EQ(shown.find("s3cret"), std::string::npos) << shown;
}

}  // namespace
}  // namespace observerd::testing
