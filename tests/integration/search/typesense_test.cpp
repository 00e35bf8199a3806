#include "fixture.hpp"
#include "support/typesense_fake.hpp"

namespace observerd::testing {
namespace {

using Lines = std::vector<std::string>;

class SearchTypesense : public SearchTest {
 protected:
  SearchTypesense() {
    engine_.make_collection("orders", "total");
    open_with("ts-key");
  }
  void open_with(const std::string& key) {
    open(member("flavour", "typesense") + member("url", engine_.server().url("")) +
         member("api_key", key));
  }

  TypesenseFake engine_{"ts-key"};
};

TEST_F(SearchTypesense, RowsBecomeDocumentsAndGoWithThem) {
  EXPECT_EQ(summaries(deliver_all({change("insert", "1", 1, R"({"id":1,"total":100.00})"),
                                   change("update", "2", 2)})),
            Lines(2, "delivered"));
  ASSERT_EQ(engine_.server().requests().size(), 1u);
  EXPECT_EQ(engine_.server().request(0).target,
            "/collections/orders/documents/import?action=upsert");
  EXPECT_EQ(engine_.server().request(0).body,
            "{\"id\":\"1\",\"total\":100.00}\n{\"id\":\"2\",\"total\":1}\n");
  EXPECT_EQ(summaries(deliver_all({change("delete", "1", 3), change("delete", "9", 4)})),
            Lines(2, "delivered"))
      << "also where there is nothing to delete";
  EXPECT_EQ(engine_.document("orders", "1"), "");
  EXPECT_NE(engine_.document("orders", "2"), "");
}

TEST_F(SearchTypesense, UpdatesAndUpsertsChangeWhatIsGiven) {
  const auto with = [&](const std::string& operation, const std::string& id,
                        const std::string& row) {
    return summary(search().deliver(R"({"index": "orders", "operation": ")" + operation + "\"}",
                                    change("update", id, 1, row)));
  };
  EXPECT_EQ(with("update", "1", R"({"a":1})"), "rejected search_404");
  EXPECT_EQ(with("upsert", "1", R"({"a":1})"), "delivered");
  EXPECT_EQ(with("update", "1", R"({"total":2})"), "delivered");
  EXPECT_EQ(engine_.document("orders", "1"), R"({"id":"1","a":1,"total":2})");
}

TEST_F(SearchTypesense, OneBadDocumentHarmsNoOther) {
  EXPECT_EQ(summaries(deliver_all({change("insert", "1", 1),
                                   change("insert", "2", 2, R"({"total":"much"})"),
                                   change("insert", "3", 3)})),
            (Lines{"delivered", "rejected search_400", "delivered"}));
  EXPECT_NE(engine_.document("orders", "3"), "");
}

TEST_F(SearchTypesense, ACollectionThatIsMissingIsTheConfigurationsFaultOrTheEvents) {
  for (const char* kind : {"insert", "delete"}) {
    EXPECT_EQ(summary(search().deliver(R"({"index": "none"})", change(kind, "7", 1))),
              "misconfigured search_collection_not_found");
    Delivery named = change(kind, "7", 1);
    named.settings = R"({"index": "none"})";
    EXPECT_EQ(summary(search().deliver(R"({"index": "{{ x }}"})", named)),
              "rejected search_collection_not_found");
  }
}

TEST_F(SearchTypesense, EachAnswerHasItsMeaning) {
  const auto when = [&](HttpReply reply, const std::string& kind = "insert") {
    engine_.server().script({std::move(reply)});
    return summary(deliver(change(kind, "7", 1)));
  };
  EXPECT_EQ(when(HttpReply(503, R"({"message":"Not Ready or Lagging"})")), "retry http_503");
  EXPECT_EQ(
      when(HttpReply(
          422, R"({"message":"Rejecting write: running out of resource type: OUT_OF_DISK"})")),
      "retry search_422");
  EXPECT_EQ(when(HttpReply(200, R"({"success":false,"code":500,"error":"x"})")),
            "retry search_500");
  EXPECT_EQ(when(HttpReply(200, R"({"success":true}
{"success":true})")),
            "retry search_bad_answer");
  EXPECT_EQ(when(HttpReply(200, "hello")), "retry search_bad_answer");
  EXPECT_EQ(when(HttpReply::truncated()), "retry truncated_answer");
  EXPECT_EQ(when(HttpReply::closed(), "delete"), "retry connection_reset");
  EXPECT_EQ(when(HttpReply(500), "delete"), "retry http_500");
  EXPECT_EQ(when(HttpReply(413)), "rejected http_413");
}

TEST_F(SearchTypesense, AKeyThatIsRefusedIsTheConfigurationsFault) {
  open_with("other");
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "misconfigured http_401");
  EXPECT_EQ(summary(deliver(change("delete", "7", 1))), "misconfigured http_401");
}

TEST_F(SearchTypesense, TheProbeAsksForTheCollection) {
  bool supported = false;
  const auto verdict = [&](const std::string& action) {
    const auto bound = search().bind(action);
    return search().module().probe(*bound, supported).to_string();
  };
  const auto good = search().bind(kOrders);
  EXPECT_TRUE(search().module().probe(*good, supported).ok());
  EXPECT_NE(verdict(R"({"index": "none"})").find("http_404"), std::string::npos);
  const auto named = search().bind(R"({"index": "{{ x }}"})");
  EXPECT_TRUE(search().module().probe(*named, supported).ok()) << "which one, an event says";
}

}  // namespace
}  // namespace observerd::testing
