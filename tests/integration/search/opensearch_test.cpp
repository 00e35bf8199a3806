#include <algorithm>
#include <atomic>
#include <map>
#include <random>
#include <thread>

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

TEST_F(SearchOpenSearch, EventsInAnyOrderWithRepeatsLeaveTheNewestDocuments) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  constexpr std::uint64_t kEvents = 600;
  std::vector<Delivery> deliveries;
  std::map<std::string, std::string> newest;
  for (std::uint64_t order = 1; order <= kEvents; ++order) {
    const std::string id = std::to_string(random() % 20);
    const bool is_delete = random() % 4 == 0;
    const std::string row = R"({"order":)" + std::to_string(order) + "}";
    newest[id] = is_delete ? "" : row;
    for (auto repeats = random() % 3; repeats < 3; ++repeats) {
      deliveries.push_back(change(is_delete ? "delete" : "update", id, order, row));
    }
  }
  std::shuffle(deliveries.begin(), deliveries.end(), random);
  // Several at a time, as lanes send them.
  EXPECT_EQ(deliver(deliveries), Lines(deliveries.size(), "delivered"));
  for (const auto& [id, row] : newest) EXPECT_EQ(document(id), row) << "of " << id;
}

TEST_F(SearchOpenSearch, OneBadDocumentHarmsNoOther) {
  make_index(R"({"mappings": {"properties": {"total": {"type": "long"}}}})");
  const std::string good = R"({"total":1})";
  EXPECT_EQ(deliver({change("insert", "1", 1, good), change("insert", "2", 2, R"({"total":"x"})"),
                     change("delete", "3", 3), change("insert", "4", 4, good),
                     change("insert", std::string(600, 'x'), 5, good)}),
            (Lines{"delivered", "rejected search_mapper_parsing_exception", "delivered",
                   "delivered", "rejected search_no_id"}));
  EXPECT_EQ(document("1") + document("2") + document("4"), good + good);
}

TEST_F(SearchOpenSearch, UpdatesAndUpsertsChangeWhatIsGiven) {
  const std::string update = R"(, "operation": "update")";
  const std::string upsert = R"(, "operation": "upsert")";
  EXPECT_EQ(deliver({change("update", "1", 1, R"({"a":1})")}, update),
            Lines{"rejected search_document_missing_exception"});
  EXPECT_EQ(deliver({change("update", "1", 2, R"({"a":1,"b":1})")}, upsert), Lines{"delivered"});
  EXPECT_EQ(deliver({change("update", "1", 3, R"({"b":2})")}, update), Lines{"delivered"});
  EXPECT_EQ(deliver({change("update", "1", 4, R"({"c":3})")}, upsert), Lines{"delivered"});
  EXPECT_EQ(document("1"), R"({"a":1,"b":2,"c":3})");
  EXPECT_EQ(deliver({change("delete", "1", 5)}, R"(, "operation": "delete")"), Lines{"delivered"});
  EXPECT_EQ(document("1"), "");
}

TEST_F(SearchOpenSearch, RoutingAndRefreshAreTheEnginesOwn) {
  make_index(R"({"settings": {"number_of_shards": 5, "refresh_interval": "200ms"}})");
  Delivery delivery = change("insert", "1", 1, R"({"v":1})");
  delivery.settings = R"({"index": )" + json::quote(index_) + R"(, "routing": "eu"})";
  EXPECT_EQ(deliver({delivery}, R"(, "routing": "{{ region }}", "refresh": "wait_for")"),
            Lines{"delivered"});
  const auto found = engine_->request("GET", "/" + index_ + "/_search?filter_path=hits.hits");
  EXPECT_NE(found.body.find(R"("_routing":"eu")"), std::string::npos) << found.body;
}

TEST_F(SearchOpenSearch, AMisspeltNameMakesNoIndexWhereAnAliasIsRequired) {
  const std::string alias = R"(, "require_alias": true)";
  EXPECT_EQ(deliver({change("insert", "1", 1)}, alias),
            Lines{"misconfigured search_index_not_found_exception"});
  EXPECT_EQ(engine_->request("GET", "/" + index_).status, 404);
  ASSERT_EQ(engine_
                ->request("PUT", "/" + index_ + "-1",
                          R"({"aliases": {")" + index_ + R"(": {"is_write_index": true}}})")
                .status,
            200);
  EXPECT_EQ(deliver({change("insert", "1", 1)}, alias), Lines{"delivered"});
}

TEST_F(SearchOpenSearch, ABlockedOrClosedIndexLosesNothing) {
  deliver({change("insert", "1", 1, R"({"v":1})")});
  ASSERT_EQ(engine_->request("PUT", "/" + index_ + "/_block/write").status, 200);
  EXPECT_EQ(deliver({change("update", "1", 2, R"({"v":2})")}),
            Lines{"retry search_cluster_block_exception"});
  ASSERT_EQ(engine_->request("PUT", "/" + index_ + "/_settings", R"({"index.blocks.write": null})")
                .status,
            200);
  ASSERT_EQ(engine_->request("POST", "/" + index_ + "/_close").status, 200);
  EXPECT_EQ(deliver({change("update", "1", 2, R"({"v":2})")}),
            Lines{"misconfigured search_index_closed_exception"});
  ASSERT_EQ(engine_->request("POST", "/" + index_ + "/_open").status, 200);
  EXPECT_EQ(deliver({change("update", "1", 2, R"({"v":2})")}), Lines{"delivered"});
  EXPECT_EQ(document("1"), R"({"v":2})");
}

/// The engine takes the request, and its answer does not arrive.
TEST_F(SearchOpenSearch, ABulkWhoseAnswerIsLostIsRepeatedWithoutHarm) {
  HttpServer between;
  std::atomic<bool> cuts{true};
  between.handle([&](const HttpRequest& request) {
    const auto answer = engine_->request(request.method, request.target, request.body);
    return cuts ? HttpReply::closed() : HttpReply(static_cast<int>(answer.status), answer.body);
  });
  ActionPlugin through("search", local_settings(member("url", between.url(""))));
  const std::vector<Delivery> first{change("insert", "1", 10, R"({"v":10})"),
                                    change("delete", "2", 11),
                                    change("insert", "3", 12, R"({"v":12})")};
  EXPECT_EQ(summaries(through.deliver_all(action(), first)), Lines(3, "retry connection_reset"));
  EXPECT_EQ(document("1"), R"({"v":10})") << "it had arrived";
  // Before the host repeats it, later events get through another way.
  deliver({change("update", "1", 20, R"({"v":20})"), change("insert", "2", 21, R"({"v":21})")});
  cuts = false;
  EXPECT_EQ(summaries(through.deliver_all(action(), first)), Lines(3, "delivered"));
  EXPECT_EQ(document("1"), R"({"v":20})");
  EXPECT_EQ(document("2"), R"({"v":21})");
  EXPECT_EQ(document("3"), R"({"v":12})");
}

TEST_F(SearchOpenSearch, TheProbeKnowsTheEngine) {
  bool supported = false;
  const auto bound = plugin_->bind(action());
  EXPECT_TRUE(plugin_->module().probe(*bound, supported).ok());
  EXPECT_TRUE(supported);
  EXPECT_EQ(engine_->request("GET", "/" + index_).status, 404) << "it changes nothing";
}

/// Killed while bulks are under way, and started again. The last test: it is the slowest.
TEST_F(SearchOpenSearch, AnEngineThatIsKilledInTheMiddleLosesNothing) {
  std::vector<Delivery> pending;
  for (int i = 1; i <= 3'000; ++i) {
    pending.push_back(
        change("insert", std::to_string(i), 100, R"({"i":)" + std::to_string(i) + "}"));
  }
  std::thread killer([&] { engine_->kill(); });
  std::size_t taken = 0;
  const auto deliver_pending = [&] {
    const Lines outcomes = deliver(pending);
    std::vector<Delivery> left;
    for (std::size_t i = 0; i < pending.size(); ++i) {
      EXPECT_NE(outcomes[i].substr(0, 8), "rejected") << outcomes[i];
      if (outcomes[i] != "delivered") left.push_back(pending[i]);
    }
    taken += pending.size() - left.size();
    pending = std::move(left);
  };
  deliver_pending();
  killer.join();
  deliver_pending();
  EXPECT_GT(pending.size(), 0u) << "nobody is there";
  engine_->restart();
  for (int tries = 0; tries < 10 && !pending.empty(); ++tries) deliver_pending();
  EXPECT_EQ(pending.size(), 0u);
  EXPECT_EQ(taken, 3'000u);
  engine_->request("POST", "/" + index_ + "/_refresh");
  const auto count = engine_->request("GET", "/" + index_ + "/_count?filter_path=count");
  EXPECT_EQ(count.body, R"({"count":3000})");
}

}  // namespace
}  // namespace observerd::testing
