#include <gtest/gtest.h>

#include <string>

#include "support/readme.hpp"

namespace observerd::testing {
namespace {

/// The examples of the plugin's README in a configuration, dry.
TEST(SearchReadme, TheExamplesDoWhatItSays) {
  const auto examples = readme_blocks("search");
  ASSERT_EQ(examples.size(), 3u);
  ReadmeTrial trial;
  trial.set_credential("search", "s3cret-password");
  trial.configure_module("search", examples[1]);
  const std::string shown =
      trial.shown({examples[0], examples[2]}, R"({"kind": "update", "entity": "Order", "id": "7",
                        "new": {"region": "eu", "number": "A-1", "customer": "Kim", "total": 1.50},
                        "old": {"region": "eu", "number": "A-1", "customer": "Kim", "total": 0}})");
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
