#include <algorithm>
#include <map>
#include <random>

#include "fixture.hpp"
#include "support/opensearch_server.hpp"

namespace observerd::testing {
namespace {

using Lines = std::vector<std::string>;

/// The plugin against a real engine, which is started once. Each test has an index of its own.
class SearchOpenSearch : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    if (OpenSearchServer::is_there()) engine_ = new OpenSearchServer();
  }
  static void TearDownTestSuite() {
    delete engine_;
    engine_ = nullptr;
  }
  void SetUp() override {
    if (engine_ == nullptr) GTEST_SKIP() << OpenSearchServer::missing();
    plugin_ = std::make_unique<ActionPlugin>(
        "search", local_settings(member("flavour", "opensearch") + member("url", engine_->url())));
    index_ = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    std::transform(index_.begin(), index_.end(), index_.begin(), [](char c) {
      return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
  }

  std::string action(const std::string& more = "") const {
    return R"({"index": )" + json::quote(index_) + more + "}";
  }
  Lines deliver(const std::vector<Delivery>& deliveries, const std::string& more = "") {
    return summaries(plugin_->deliver_all(action(more), deliveries));
  }
  /// The document's source; "" when there is none.
  std::string document(const std::string& id) const {
    const auto answer = engine_->request("GET", "/" + index_ + "/_doc/" + id);
    const auto body = json::parse(answer.body, Code::ActionFailed);
    const json::Value* source = body ? body->find("_source") : nullptr;
    return source == nullptr ? "" : json::write(*source);
  }
  void make_index(const std::string& body) const {
    ASSERT_EQ(engine_->request("PUT", "/" + index_, body).status, 200);
  }

  static OpenSearchServer* engine_;
  std::unique_ptr<ActionPlugin> plugin_;
  std::string index_;
};

OpenSearchServer* SearchOpenSearch::engine_ = nullptr;

TEST_F(SearchOpenSearch, ARowBecomesADocumentAndGoesWithIt) {
  EXPECT_EQ(deliver({change("insert", "7", 10, R"({"id":7,"total":100.00,"note":"Käse"})")}),
            Lines{"delivered"});
  EXPECT_EQ(document("7"), R"({"id":7,"total":100.00,"note":"Käse"})");
  EXPECT_EQ(deliver({change("update", "7", 11, R"({"id":7})")}), Lines{"delivered"});
  EXPECT_EQ(document("7"), R"({"id":7})") << "the whole document is replaced";
  EXPECT_EQ(deliver({change("delete", "7", 12)}), Lines{"delivered"});
  EXPECT_EQ(document("7"), "");
}

TEST_F(SearchOpenSearch, AnOlderEventNeverOverwritesANewerDocument) {
  deliver({change("update", "1", 20, R"({"v":20})")});
  const auto late = plugin_->deliver(action(), change("update", "1", 19, R"({"v":19})"));
  EXPECT_EQ(summary(late), "delivered") << "superseded, so there is nothing left to do";
  EXPECT_EQ(late.remote_id, "superseded");
  EXPECT_EQ(document("1"), R"({"v":20})");
  EXPECT_EQ(plugin_->services().metric_sum("superseded_total"), 1);
  EXPECT_EQ(deliver({change("delete", "1", 18)}), Lines{"delivered"});
  EXPECT_EQ(document("1"), R"({"v":20})") << "nor does an older deletion remove it";
}

TEST_F(SearchOpenSearch, ADeletedDocumentDoesNotComeBackByALateEvent) {
  EXPECT_EQ(deliver({change("delete", "1", 30)}), Lines{"delivered"}) << "it was never there";
  EXPECT_EQ(deliver({change("update", "1", 29)}), Lines{"delivered"});
  EXPECT_EQ(document("1"), "");
  EXPECT_EQ(deliver({change("insert", "1", 31, R"({"v":31})")}), Lines{"delivered"});
  EXPECT_EQ(document("1"), R"({"v":31})");
}

TEST_F(SearchOpenSearch, TheSameEventAgainWritesTheSameAgain) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(deliver({change("update", "1", 40, R"({"v":40})")}), Lines{"delivered"});
  }
  EXPECT_EQ(plugin_->services().metric_sum("superseded_total"), 0);
  EXPECT_EQ(document("1"), R"({"v":40})");
}

}  // namespace
}  // namespace observerd::testing
