#include <algorithm>

#include "fixture.hpp"

namespace observerd::testing {
namespace {

using Lines = std::vector<std::string>;

/// The answer to _bulk with items of these statuses; those of 400 and more have this error.
HttpReply items(const std::vector<int>& statuses, const std::string& error = "") {
  std::string text;
  for (const int status : statuses) {
    if (!text.empty()) text += ',';
    text += R"({"index":{"status":)" + std::to_string(status);
    if (status >= 400 && !error.empty()) {
      text += R"(,"error":{"type":")" + error + R"(","reason":"told"})";
    }
    text += "}}";
  }
  return HttpReply(200, R"({"errors":true,"items":[)" + text + "]}");
}

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// Elasticsearch and OpenSearch as their answers say, each way in which they can go wrong.
class SearchBulk : public SearchTest {
 protected:
  SearchBulk() { open_at_server("elasticsearch"); }
  /// The outcome of one event when the server answers so.
  std::string when(HttpReply reply, const std::string& kind = "insert",
                   const std::string& action = kOrders) {
    server_.always(std::move(reply));
    Delivery delivery = change(kind, "7", 10);
    delivery.settings = R"({"index": "orders"})";
    return summary(search().deliver(action, delivery));
  }
};

TEST_F(SearchBulk, OneRequestSpeaksForABatchWithVersionsFromTheOrderOfEvents) {
  server_.always(items({201, 200, 404}));
  const Lines all = summaries(
      deliver_all({change("insert", "7", 10, R"({"total":100.00})"),
                   change("update", "8", 11, R"({"a":"Käse \"x\""})"), change("delete", "9", 12)}));
  EXPECT_EQ(all, (Lines{"delivered", "delivered", "delivered"}));
  ASSERT_EQ(server_.requests().size(), 1u);
  const HttpRequest request = server_.request(0);
  EXPECT_EQ(request.target.substr(0, 18), "/_bulk?filter_path");
  EXPECT_EQ(request.header("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(request.body,
            R"({"index":{"_index":"orders","_id":"7","version":10,"version_type":"external_gte"}})"
            "\n{\"total\":100.00}\n"
            R"({"index":{"_index":"orders","_id":"8","version":11,"version_type":"external_gte"}})"
            "\n{\"a\":\"Käse \\\"x\\\"\"}\n"
            R"({"delete":{"_index":"orders","_id":"9","version":12,"version_type":"external_gte"}})"
            "\n");
}

TEST_F(SearchBulk, SettingsOfTheActionStandInTheRequest) {
  server_.always(items({200}));
  Delivery delivery = change("update", "7", 10);
  delivery.settings = R"({"index": "orders-eu", "id": "A/7", "routing": "eu",
                          "document": {"total": 100.00}})";
  const std::string action = R"({"index": "orders-{{ region }}", "id": "{{ number }}",
      "document": {"total": "{{ total }}"}, "routing": "{{ region }}", "refresh": "wait_for",
      "require_alias": true, "operation": )";
  search().deliver(action + R"("index"})", delivery);
  EXPECT_NE(server_.request(0).target.find("&refresh=wait_for"), std::string::npos);
  EXPECT_EQ(server_.request(0).body,
            R"({"index":{"_index":"orders-eu","_id":"A/7","routing":"eu","version":10,)"
            R"("version_type":"external_gte","require_alias":true}})"
            "\n{\"total\":100.00}\n");
  search().deliver(action + R"("upsert", "document_type": "order"})", delivery);
  EXPECT_EQ(server_.request(1).body,
            R"({"update":{"_index":"orders-eu","_type":"order","_id":"A/7","routing":"eu",)"
            R"("require_alias":true}})"
            "\n{\"doc\":{\"total\":100.00},\"doc_as_upsert\":true}\n");
  search().deliver(action + R"("update"})", delivery);
  EXPECT_NE(server_.request(2).body.find("\n{\"doc\":{\"total\":100.00}}\n"), std::string::npos);
}

TEST_F(SearchBulk, EachItemHasItsOwnOutcome) {
  EXPECT_EQ(when(items({409}, "version_conflict_engine_exception")), "delivered");
  EXPECT_EQ(when(items({404}), "delete"), "delivered");
  EXPECT_EQ(when(items({400}, "mapper_parsing_exception")),
            "rejected search_mapper_parsing_exception");
  EXPECT_EQ(when(items({429}, "es_rejected_execution_exception")),
            "throttled search_es_rejected_execution_exception");
  EXPECT_EQ(when(items({503}, "unavailable_shards_exception")),
            "retry search_unavailable_shards_exception");
  EXPECT_EQ(when(items({403}, "security_exception")), "misconfigured search_security_exception");
  EXPECT_EQ(when(items({418}, "Not a word!")), "rejected search_418");
  EXPECT_EQ(when(items({404}, "index_not_found_exception")),
            "misconfigured search_index_not_found_exception");
  EXPECT_EQ(when(items({404}, "index_not_found_exception"), "delete"),
            "misconfigured search_index_not_found_exception")
      << "a misspelt index does not look like a document that is gone";
  EXPECT_EQ(when(items({404}, "index_not_found_exception"), "insert", R"({"index": "{{ x }}"})"),
            "rejected search_index_not_found_exception")
      << "an event named it";
  const char* const update = R"({"index": "orders", "operation": "update"})";
  EXPECT_EQ(when(items({409}, "version_conflict_engine_exception"), "update", update),
            "retry search_version_conflict_engine_exception")
      << "an update has no version of ours";
  EXPECT_EQ(when(items({404}, "document_missing_exception"), "update", update),
            "rejected search_document_missing_exception");
}

TEST_F(SearchBulk, AReadOnlyIndexIsWaitedFor) {
  server_.always(items({403}, "cluster_block_exception"));
  const auto result = deliver(change("insert", "7", 10));
  EXPECT_EQ(summary(result), "retry search_cluster_block_exception");
  EXPECT_EQ(result.retry_after, std::chrono::minutes(1));
}

TEST_F(SearchBulk, VersionsBefore5SayTheSameInSentences) {
  const auto says = [&](const std::string& status, const std::string& sentence) {
    return when(HttpReply(200, R"({"items":[{"create":{"status":)" + status + R"(,"error":")" +
                                   sentence + R"("}}]})"));
  };
  EXPECT_EQ(says("403", "ClusterBlockException[blocked by: [8]]"),
            "retry search_cluster_block_exception");
  EXPECT_EQ(says("404", "IndexMissingException[[orders] missing]"),
            "misconfigured search_index_not_found_exception");
  EXPECT_EQ(says("400", "MapperParsingException[failed to parse]"), "rejected search_400");
  EXPECT_EQ(says("409", "VersionConflictEngineException[[orders][1]]"), "delivered");
}

TEST_F(SearchBulk, TheWholeRequestMayBeRefused) {
  // 404 and its like: the URL is no engine's.
  for (const int status : {401, 403, 404, 405, 410}) {
    EXPECT_EQ(when(HttpReply(status)), "misconfigured http_" + std::to_string(status));
  }
  EXPECT_EQ(when(HttpReply(302).with("Location", "https://b.example/x")), "misconfigured http_302");
  EXPECT_EQ(when(HttpReply(429)), "retry http_429");
  EXPECT_EQ(when(HttpReply(429).with("Retry-After", "3")), "throttled http_429");
  EXPECT_EQ(when(HttpReply(503).with("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT")),
            "throttled http_503");
  EXPECT_EQ(when(HttpReply(400, "no requests added")), "rejected http_400");
  EXPECT_EQ(when(HttpReply(413)), "rejected http_413");
  EXPECT_EQ(when(HttpReply(500)), "retry http_500");
}

TEST_F(SearchBulk, WhatIsNoAnswerIsAnUnknownOutcome) {
  for (const char* body : {"<html>log in</html>", "{}", R"({"items":[{"index":{}}]})"}) {
    EXPECT_EQ(when(HttpReply(200, body)), "retry search_bad_answer");
  }
  EXPECT_EQ(when(items({201, 201})), "retry search_bad_answer") << "more items than were sent";
  EXPECT_EQ(when(HttpReply::reset()), "retry connection_reset");
  EXPECT_EQ(when(HttpReply::truncated()), "retry truncated_answer");
  EXPECT_EQ(when(HttpReply::bytes("nonsense\r\n\r\n")), "retry malformed_answer");
  EXPECT_EQ(when(HttpReply(200, std::string(100'000, ' '))), "retry search_bad_answer")
      << "longer than max_response_bytes";
}

TEST_F(SearchBulk, ASlowEngineEndsWithTheDeadline) {
  server_.always(HttpReply::hang());
  const auto result =
      search().deliver(kOrders, change("insert", "7", 1), std::chrono::milliseconds(300));
  EXPECT_EQ(summary(result), "retry timeout");
}

/// Answers 413 to more than so many documents, 400 to more than one where "bad" is among them.
HttpReply fussy(const HttpRequest& request, std::size_t most) {
  const std::size_t count = count_lines(request.body) / 2;
  if (count > most) return HttpReply(413);
  if (request.body.find("bad") != std::string::npos) return HttpReply(400, "malformed");
  return items(std::vector<int>(count, 201));
}

TEST_F(SearchBulk, ARequestThatIsTooLargeIsHalved) {
  server_.handle([](const HttpRequest& request) { return fussy(request, 2); });
  std::vector<Delivery> ten;
  for (int i = 1; i <= 10; ++i) ten.push_back(change("insert", std::to_string(i), 100));
  EXPECT_EQ(summaries(deliver_all(ten)), Lines(10, "delivered"));
  const auto requests = server_.requests();
  const auto taken = std::count_if(requests.begin(), requests.end(), [](const auto& request) {
    return count_lines(request.body) <= 4;
  });
  EXPECT_EQ(taken, 6) << "5 + 5, each 2 + 3, each 3 as 1 + 2";
}

TEST_F(SearchBulk, OneThatSpoilsItsRequestIsFoundAndHarmsNoOther) {
  server_.handle([](const HttpRequest& request) { return fussy(request, 1'000); });
  std::vector<Delivery> many;
  Lines expected(100, "delivered");
  for (int i = 1; i <= 100; ++i) many.push_back(change("insert", std::to_string(i), 100));
  many[41] = change("insert", "42", 100, R"({"bad":1})");
  expected[41] = "rejected http_400";
  EXPECT_EQ(summaries(deliver_all(many)), expected);
  EXPECT_LE(server_.requests().size(), 15u);
}

TEST_F(SearchBulk, AnAnswerThatIsTooLongIsAskedForInHalves) {
  server_.handle([](const HttpRequest& request) {
    const std::vector<int> statuses(count_lines(request.body) / 2, 400);
    return items(statuses, "mapper_parsing_exception");
  });
  open_at_server("opensearch", R"(, "max_response_bytes": 300)");
  std::vector<Delivery> ten;
  for (int i = 1; i <= 10; ++i) ten.push_back(change("insert", std::to_string(i), 100));
  EXPECT_EQ(summaries(deliver_all(ten)), Lines(10, "rejected search_mapper_parsing_exception"));
}

TEST_F(SearchBulk, RequestsKeepToMaxRequestBytes) {
  open_at_server("opensearch", R"(, "max_request_bytes": 1024)");
  server_.handle([](const HttpRequest& request) { return fussy(request, 1'000); });
  std::vector<Delivery> deliveries;
  for (int i = 0; i < 20; ++i) deliveries.push_back(change("insert", std::to_string(i), 100));
  deliveries.push_back(
      change("insert", "large", 100, R"({"text":")" + std::string(5'000, 'x') + "\"}"));
  EXPECT_EQ(summaries(deliver_all(deliveries)), Lines(21, "delivered"));
  for (const auto& request : server_.requests()) {
    EXPECT_TRUE(count_lines(request.body) == 2 || request.body.size() <= 1'024u);
  }
  EXPECT_EQ(server_.requests().size(), 3u) << "10 to a kilobyte, and the large one";
}

TEST_F(SearchBulk, WhatCannotBeSaidIsADeadLetter) {
  Delivery truncated = change("delete", "", 10);
  truncated.event.replace(truncated.event.find("Order.delete"), 12, "Order.truncate");
  EXPECT_EQ(summary(deliver(truncated)), "rejected search_truncated");
  EXPECT_EQ(summary(deliver(change("insert", "", 10))), "rejected search_no_id");
  EXPECT_EQ(summary(deliver(change("insert", std::string(513, 'x'), 10))), "rejected search_no_id");
  EXPECT_EQ(summary(deliver(change("insert", "7", 10, "null"))), "rejected search_no_document");
  const char* const index = R"({"index": "orders", "operation": "index"})";
  EXPECT_EQ(summary(search().deliver(index, change("delete", "7", 10))),
            "rejected search_no_document");
  Delivery named = change("insert", "7", 10);
  for (const char* name : {"", "UPPER", "a,b", "_all", "..", "a/b", "a*", "a b"}) {
    named.settings = R"({"index": )" + json::quote(name) + "}";
    EXPECT_EQ(summary(search().deliver(R"({"index": "{{ x }}"})", named)),
              "rejected search_bad_index")
        << name;
  }
  EXPECT_EQ(server_.requests().size(), 0u);
}

TEST_F(SearchBulk, ACompositeKeyIsItsJson) {
  server_.always(items({201}));
  Delivery delivery = change("insert", "x", 10);
  delivery.event.replace(delivery.event.find(R"("id":"x")"), 8, R"("id":["a",7])");
  deliver(delivery);
  EXPECT_NE(server_.request(0).body.find(R"("_id":"[\"a\",7]")"), std::string::npos);
}

}  // namespace
}  // namespace observerd::testing
