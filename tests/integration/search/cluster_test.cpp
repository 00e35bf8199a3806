#include "fixture.hpp"
#include "support/loopback.hpp"
#include "support/tls_front.hpp"

namespace observerd::testing {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kTaken = R"({"items":[{"index":{"status":201}}]})";

/// How a cluster is found and who we say we are.
class SearchCluster : public SearchTest {
 protected:
  SearchCluster() { server_.always(HttpReply(200, kTaken)); }
  static std::string urls(const std::vector<std::string>& list) {
    std::string text;
    for (const auto& url : list) text += (text.empty() ? "" : ", ") + json::quote(url);
    return R"(, "urls": [)" + text + "]";
  }
  static std::string closed_url() { return "http://127.0.0.1:" + std::to_string(free_port()); }
  std::string authorization(const std::string& flavour, const std::string& more) {
    open_at_server(flavour, more);
    deliver(change("insert", "7", 1));
    return server_.requests().back().header("Authorization");
  }
  static Lines problems(const std::string& more) {
    return ActionPlugin::open_problems("search", local_settings(more));
  }
};

TEST_F(SearchCluster, TheNextNodeIsAskedWhenOneCannotBeReached) {
  open(urls({closed_url(), server_.url("")}));
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "delivered");
  EXPECT_EQ(summary(deliver(change("insert", "7", 2))), "delivered");
  EXPECT_EQ(search().services().metric_sum("requests_total{answer=none}"), 1)
      << "the second went where the first had got through";
}

TEST_F(SearchCluster, WhenNoneCanBeReachedItIsTriedAgainLater) {
  open(urls({closed_url(), closed_url(), closed_url()}));
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "retry connection_refused");
  EXPECT_EQ(search().services().metric_sum("requests_total{answer=none}"), 3);
}

TEST_F(SearchCluster, AfterAnUnknownOutcomeAnotherNodeIsAskedNext) {
  HttpServer other;
  other.always(HttpReply(200, kTaken));
  open(urls({server_.url(""), other.url("")}));
  server_.always(HttpReply::reset());
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "retry connection_reset")
      << "it may have got through, so the host says when it goes again";
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "delivered");
  EXPECT_EQ(other.requests().size(), 1u);
  other.always(HttpReply(503));
  server_.always(HttpReply(200, kTaken));
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "retry http_503");
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "delivered");
}

TEST_F(SearchCluster, APathBeforeTheApiIsKept) {
  open(member("url", server_.url("/search/")));
  deliver(change("insert", "7", 1));
  EXPECT_EQ(server_.request(0).target.substr(0, 14), "/search/_bulk?");
}

TEST_F(SearchCluster, SaysWhoAsks) {
  EXPECT_EQ(authorization("opensearch", ""), "");
  // base64 of observer:pässword
  EXPECT_EQ(
      authorization("opensearch", member("username", "observer") + member("password", "pässword")),
      "Basic b2JzZXJ2ZXI6cMOkc3N3b3Jk");
  EXPECT_EQ(authorization("elasticsearch", member("api_key", "aWQ6a2V5")), "ApiKey aWQ6a2V5");
  EXPECT_EQ(authorization("elasticsearch", member("bearer_token", "t")), "Bearer t");
}

TEST_F(SearchCluster, ACertificateThatNobodyVouchesForIsNotTrusted) {
  TestAuthority authority;
  authority.issue("engine", "IP:127.0.0.1");
  const TlsFront front(authority, "engine", server_.port());
  open(member("url", front.url("")));
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "misconfigured certificate_invalid");
  EXPECT_EQ(server_.requests().size(), 0u);
  open(member("url", front.url("")) + member("ca_file", authority.ca_file()));
  EXPECT_EQ(summary(deliver(change("insert", "7", 1))), "delivered");
}

TEST_F(SearchCluster, SecretsStandInNoErrorLogOrLane) {
  open_at_server("opensearch", member("username", "observer") + member("password", "s3cret-word"));
  server_.always(HttpReply(401, "no"));
  const auto result = deliver(change("insert", "7", 1));
  const auto bound = search().bind(kOrders);
  for (const std::string& text :
       {result.message, bound->lane_key(), bound->batch_key(), search().services().text()}) {
    EXPECT_EQ(text.find("s3cret"), std::string::npos) << text;
    EXPECT_EQ(text.find("b2JzZXJ2"), std::string::npos) << text;
  }
}

TEST_F(SearchCluster, SaysWhatIsWrongWithTheModule) {
  EXPECT_EQ(problems("").size(), 1u) << "no url";
  EXPECT_EQ(problems(member("url", "https://a.example") + urls({"https://b.example"})).size(), 1u);
  EXPECT_EQ(problems(urls({"https://a.example", "ftp://b.example", "https://c.example?x"})).size(),
            2u);
  const std::string url = member("url", "https://a.example");
  EXPECT_EQ(problems(url + member("username", "x")).size(), 1u) << "no password";
  EXPECT_EQ(problems(url + member("api_key", "x") + member("bearer_token", "y")).size(), 1u);
  EXPECT_EQ(problems(url + member("api_key", "x\ny")).size(), 1u);
  EXPECT_EQ(problems(url + member("flavour", "typesense") + member("bearer_token", "x")).size(),
            1u);
  EXPECT_EQ(
      problems(member("flavour", "meilisearch") + urls({"https://a.example", "https://b.example"}))
          .size(),
      1u)
      << "each instance has its own tasks";
  EXPECT_EQ(ActionPlugin::open_problems("search", R"({"url": "http://a.example"})").size(), 1u)
      << "no TLS";
}

TEST_F(SearchCluster, SaysWhatIsWrongWithAnAction) {
  open_at_server("opensearch");
  EXPECT_EQ(search().bind_problems(R"({"index": "Orders"})").size(), 1u);
  EXPECT_EQ(search().bind_problems(R"({"index": "a", "primary_key": "x"})").size(), 1u);
  EXPECT_EQ(
      search().bind_problems(R"({"index": "a", "operation": "delete", "document": {}})").size(),
      1u);
  open_at_server("meilisearch");
  EXPECT_EQ(search().bind_problems(R"({"index": "a.b", "routing": "x", "refresh": "true"})").size(),
            3u);
  EXPECT_EQ(search().bind_problems(R"({"index": "a", "operation": "update"})").size(), 1u);
  open_at_server("typesense");
  EXPECT_EQ(search().bind_problems(R"({"index": "a", "document_type": "x"})").size(), 1u);
}

TEST_F(SearchCluster, AllActionsOfAClusterShareBatchesAndALane) {
  open_at_server("opensearch");
  const auto one = search().bind(kOrders);
  const auto other = search().bind(R"({"index": "customers", "operation": "upsert"})");
  EXPECT_EQ(one->batch_key(), other->batch_key());
  EXPECT_EQ(one->lane_key(), other->lane_key());
  EXPECT_EQ(one->lane_key(), "opensearch " + server_.url(""));
}

TEST_F(SearchCluster, APreviewIsTheRequestToTheLetterButForPasswords) {
  open_at_server("opensearch", member("username", "observer") + member("password", "pässword"));
  const std::string text = search().preview(kOrders, change("update", "7", 10));
  deliver(change("update", "7", 10));
  const HttpRequest sent = server_.request(0);
  EXPECT_NE(text.find("POST " + server_.url("") + sent.target), std::string::npos) << text;
  EXPECT_NE(text.find("\n\n" + sent.body), std::string::npos) << text;
  EXPECT_NE(text.find("Content-Type: application/x-ndjson"), std::string::npos) << text;
  EXPECT_NE(text.find("Authorization: Basic ***\n"), std::string::npos) << text;
  EXPECT_EQ(search().preview(kOrders, change("insert", "", 1)).substr(0, 13), "search_no_id:");
}

TEST_F(SearchCluster, TheProbeAsksEveryNode) {
  const std::string dead = closed_url();
  open(urls({server_.url(""), dead}) + member("api_key", "x"));
  server_.always(HttpReply(200, R"({"version": {"number": "2.19.1"}})"));
  bool supported = false;
  const auto action = search().bind(kOrders);
  const std::string refused = search().module().probe(*action, supported).to_string();
  EXPECT_NE(refused.find(dead + ": connection_refused"), std::string::npos) << refused;
  EXPECT_EQ(server_.request(0).method, "GET");
  EXPECT_EQ(server_.request(0).target, "/");
  EXPECT_EQ(server_.request(0).header("Authorization"), "ApiKey x");
  open_at_server("elasticsearch");
  const auto alone = search().bind(kOrders);
  const auto verdict = [&](HttpReply reply) {
    server_.always(std::move(reply));
    return search().module().probe(*alone, supported).to_string();
  };
  EXPECT_TRUE(search().module().probe(*alone, supported).ok());
  EXPECT_NE(verdict(HttpReply(401)).find("http_401"), std::string::npos);
  EXPECT_NE(verdict(HttpReply(200, "{}")).find("neither"), std::string::npos);
  server_.always(HttpReply(403));
  EXPECT_TRUE(search().module().probe(*alone, supported).ok()) << "it need only write";
}

}  // namespace
}  // namespace observerd::testing
