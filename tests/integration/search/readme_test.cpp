#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "base/json.hpp"
#include "support/server_process.hpp"

namespace observerd::testing {
namespace {

/// What stands in blocks of JSON before the tables.
std::vector<std::string> blocks() {
  std::ifstream stream(OBSERVERD_SOURCE_DIR "/plugins/search/README.md", std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  text = text.substr(0, text.find("## Settings of the action"));
  std::vector<std::string> out;
  for (std::size_t at = text.find("```json\n"); at != std::string::npos;
       at = text.find("```json\n", at)) {
    at += 8;
    out.push_back(text.substr(at, text.find("```", at) - at));
  }
  return out;
}

/// The examples of the plugin's README in a configuration, dry.
TEST(SearchReadme, TheExamplesDoWhatItSays) {
  const auto examples = blocks();
  ASSERT_EQ(examples.size(), 3u);
  const TestFolder folder;
  folder.write("search", "s3cret-password");
  const std::string config =
      folder.write("observerd.json",
                   R"({"database": {"url": "postgresql://localhost/none"},
          "plugins": {"directories": [")" OBSERVERD_BUILD_DIR R"(/plugins"],
                      "settings": {"search": )" +
                       examples[1] + R"(}},
          "observers": [{"name": "all", "entity": "Order", "actions": [)" +
                       examples[0] + R"(]}, {"name": "regions", "entity": "Order", "actions": [)" +
                       examples[2] + "]}]}");
  const std::string event =
      folder.write("event.json", R"({"kind": "update", "entity": "Order", "id": "7",
                        "new": {"region": "eu", "number": "A-1", "customer": "Kim", "total": 1.50},
                        "old": {"region": "eu", "number": "A-1", "customer": "Kim", "total": 0}})");
  const std::string shown = run_program(
      {find_program("env"), "CREDENTIALS_DIRECTORY=" + folder.path().string(),
       OBSERVERD_BUILD_DIR "/bin/observerd", "test", "--config", config, "--event", event});
  for (const char* part :
       {"POST https://search.example.com:9200/_bulk?", "Authorization: Basic ***",
        R"({"index":{"_index":"orders","_id":"7","version":)",
        R"({"region":"eu","number":"A-1","customer":"Kim","total":1.50})",
        R"({"index":{"_index":"orders-eu","_id":"A-1","version":)",
        R"({"number":"A-1","customer":{"name":"Kim"},"total":1.50})"}) {
    EXPECT_NE(shown.find(part), std::string::npos) << part << "\nis not in\n" << shown;
  }
  EXPECT_EQ(shown.find("s3cret"), std::string::npos) << shown;
}

}  // namespace
}  // namespace observerd::testing
