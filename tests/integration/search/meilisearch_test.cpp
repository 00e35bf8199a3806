#include "fixture.hpp"
#include "support/meilisearch_fake.hpp"

namespace observerd::testing {
namespace {

using Lines = std::vector<std::string>;

class SearchMeilisearch : public SearchTest {
 protected:
  SearchMeilisearch() { open_with("meili-key"); }
  void open_with(const std::string& key, const std::string& more = "") {
    open(member("flavour", "meilisearch") + member("url", engine_.server().url("")) +
         member("api_key", key) + more);
  }
  /// How often tasks were asked about.
  std::size_t looks() {
    std::size_t count = 0;
    for (const auto& request : engine_.server().requests()) {
      if (request.method == "GET") ++count;
    }
    return count;
  }

  MeilisearchFake engine_{"meili-key"};
};

TEST_F(SearchMeilisearch, IsDeliveredOnlyWhenTheTaskHasSucceeded) {
  engine_.set_looks(4);
  const auto result = deliver(change("insert", "7", 1, R"({"id":7,"total":100.00})"));
  EXPECT_EQ(summary(result), "delivered");
  EXPECT_EQ(result.remote_id, "task 1");
  EXPECT_EQ(looks(), 4u);
  EXPECT_EQ(engine_.document("orders", "7"), R"({"id":"7","total":100.00})");
  EXPECT_EQ(engine_.server().request(0).target, "/indexes/orders/documents?primaryKey=id");
}

TEST_F(SearchMeilisearch, RowsBecomeDocumentsAndGoWithThem) {
  EXPECT_EQ(summaries(deliver_all({change("insert", "1", 1), change("insert", "2", 2)})),
            Lines(2, "delivered"));
  EXPECT_EQ(engine_.server().requests().size(), 2u) << "one change, one look";
  EXPECT_EQ(summaries(deliver_all({change("delete", "1", 3), change("delete", "9", 4)})),
            Lines(2, "delivered"));
  EXPECT_EQ(engine_.document("orders", "1"), "");
  const char* const upsert = R"({"index": "orders", "operation": "upsert", "primary_key": "id"})";
  search().deliver(upsert, change("update", "2", 5, R"({"note":"x"})"));
  EXPECT_EQ(engine_.document("orders", "2"), R"({"id":"2","total":1,"note":"x"})");
}

TEST_F(SearchMeilisearch, OneBadDocumentHarmsNoOther) {
  const Lines outcomes = summaries(deliver_all(
      {change("insert", "1", 1), change("insert", "no id!", 2), change("insert", "3", 3)}));
  EXPECT_EQ(outcomes, (Lines{"delivered", "rejected search_invalid_document_id", "delivered"}));
  EXPECT_NE(engine_.document("orders", "1"), "");
  EXPECT_NE(engine_.document("orders", "3"), "");
}

TEST_F(SearchMeilisearch, EachFailureHasItsMeaning) {
  const auto when = [&](const std::string& code, const std::string& type) {
    engine_.fail_tasks(code, type);
    return summary(deliver(change("insert", "7", 1)));
  };
  EXPECT_EQ(when("internal", "internal"), "retry search_internal");
  EXPECT_EQ(when("no_space_left_on_device", "system"), "retry search_no_space_left_on_device");
  EXPECT_EQ(when("canceled", ""), "retry search_task_canceled");
  EXPECT_EQ(when("max_fields_limit_exceeded", "invalid_request"),
            "rejected search_max_fields_limit_exceeded");
  EXPECT_EQ(when("", ""), "delivered");
  engine_.make_index("orders", "number");
  EXPECT_EQ(when("", ""), "misconfigured search_index_primary_key_already_exists");
  EXPECT_EQ(summary(search().deliver(R"({"index": "none"})", change("delete", "7", 1))),
            "misconfigured search_index_not_found");
  Delivery named = change("delete", "7", 1);
  named.settings = R"({"index": "none"})";
  EXPECT_EQ(summary(search().deliver(R"({"index": "{{ x }}"})", named)),
            "rejected search_index_not_found");
}

TEST_F(SearchMeilisearch, ATaskThatTakesTooLongIsAnUnknownOutcome) {
  engine_.set_looks(1'000'000);
  const auto result =
      search().deliver(kOrders, change("insert", "7", 1), std::chrono::milliseconds(400));
  EXPECT_EQ(summary(result), "retry timeout");
  EXPECT_LE(looks(), 6u) << "asked ever less often";
}

TEST_F(SearchMeilisearch, WaitingForOneTaskHoldsUpNoOther) {
  engine_.set_looks(1'000'000);
  // Another index, another request; both wait for their tasks on the one thread of the client.
  const auto begin = std::chrono::steady_clock::now();
  std::vector<Delivery> both{change("insert", "1", 1), change("delete", "2", 2)};
  both[0].settings = R"({"index": "a"})";
  both[1].settings = R"({"index": "b"})";
  open_with("meili-key", member("timeout", "500ms"));
  EXPECT_EQ(summaries(search().deliver_all(R"({"index": "{{ x }}"})", both)),
            Lines(2, "retry timeout"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(SearchMeilisearch, ATaskThatIsForgottenIsRepeated) {
  engine_.server().script({HttpReply(202, R"({"taskUid":99,"status":"enqueued"})")});
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "retry search_task_unknown");
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "delivered");
}

TEST_F(SearchMeilisearch, AKeyThatIsRefusedIsTheConfigurationsFault) {
  open_with("other");
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "misconfigured search_invalid_api_key");
  bool supported = false;
  const auto action = search().bind(kOrders);
  const std::string refused = search().module().probe(*action, supported).to_string();
  EXPECT_NE(refused.find("invalid_api_key"), std::string::npos) << refused;
  open_with("meili-key");
  const auto good = search().bind(kOrders);
  EXPECT_TRUE(search().module().probe(*good, supported).ok());
}

TEST_F(SearchMeilisearch, AnswersThatAreNoneAreUnknownOutcomes) {
  const auto when = [&](HttpReply reply) {
    engine_.server().script({std::move(reply)});
    return summary(deliver(change("insert", "7", 1)));
  };
  EXPECT_EQ(when(HttpReply(202, "{}")), "retry search_bad_answer");
  EXPECT_EQ(when(HttpReply(202, "<html>")), "retry search_bad_answer");
  EXPECT_EQ(when(HttpReply::truncated()), "retry truncated_answer");
  EXPECT_EQ(when(HttpReply(503).with("Retry-After", "2")), "throttled http_503");
  EXPECT_EQ(when(HttpReply(404, "no such page")), "misconfigured http_404");
  EXPECT_EQ(when(HttpReply(413, R"({"code":"payload_too_large","type":"invalid_request"})")),
            "rejected http_413");
}

TEST_F(SearchMeilisearch, APreviewIsTheRequestToTheLetter) {
  const std::string text = search().preview(kOrders, change("update", "7", 1));
  EXPECT_NE(text.find("/indexes/orders/documents?primaryKey=id"), std::string::npos) << text;
  EXPECT_NE(text.find(R"([{"id":"7","total":1}])"), std::string::npos) << text;
  EXPECT_EQ(engine_.server().requests().size(), 0u);
}

}  // namespace
}  // namespace observerd::testing
