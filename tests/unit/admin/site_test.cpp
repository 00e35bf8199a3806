#include "admin/site.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace observerd::admin {
namespace {

class SiteTest : public ::testing::Test {
 protected:
  explicit SiteTest(const std::string& token = "")
      : site_({[] { return std::string("observerd_ready 1\n"); }, [this] { return readiness_; },
               endpoints()},
              Access(*parse_listen_address("127.0.0.1:9810"), token)) {}

  static std::vector<Endpoint> endpoints() {
    return {{Method::Get,
             "dlq",
             "list",
             {"status", "limit"},
             [](const ApiRequest& call) {
               return Answer::ok(json::Value::string("list " + call.query_or("status", "all")));
             }},
            {Method::Get,
             "dlq/{id}",
             "show",
             {},
             [](const ApiRequest& call) {
               return Answer::ok(json::Value::string("show " + call.path.at("id")));
             }},
            {Method::Get,
             "dlq/stats",
             "counts",
             {},
             [](const ApiRequest&) { return Answer::ok(json::Value::string("stats")); }},
            {Method::Post,
             "dlq/retry",
             "again",
             {},
             [](const ApiRequest& call) { return Answer::ok(call.body); }},
            {Method::Get,
             "down",
             "",
             {},
             [](const ApiRequest&) {
               return Answer::problem(Status::error(Code::Database, "it is away").note("start it"));
             }},
            {Method::Get, "throws", "", {}, [](const ApiRequest&) -> Answer {
               throw std::runtime_error("oops");
             }}};
  }

  HttpResponse ask(const std::string& method, const std::string& target,
                   std::vector<std::pair<std::string, std::string>> headers = {},
                   std::string body = {}) const {
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    request.headers.emplace_back("Host", "localhost:9810");
    request.body = std::move(body);
    return site_.respond(request);
  }
  HttpResponse post(const std::string& target, std::string body,
                    const std::string& type = "application/json") const {
    return ask("POST", target, {{"X-Observerd-Request", "1"}, {"Content-Type", type}},
               std::move(body));
  }
  static std::string header(const HttpResponse& response, const std::string& name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  static json::Value error(const HttpResponse& response) {
    const auto body = json::parse(response.body, Code::Storage);
    EXPECT_TRUE(body.ok() && body->find("error") != nullptr) << response.body;
    return *body->find("error");
  }

  Status readiness_;
  const Site site_;
};

TEST_F(SiteTest, ChoosesTheEndpointByMethodAndThePathByItsLiteralParts) {
  const struct {
    const char *method, *target;
    int status;
    const char* body;
  } cases[] = {
      {"GET", "/api/v1/dlq", 200, "\"list all\"\n"},
      {"HEAD", "/api/v1/dlq", 200, "\"list all\"\n"},
      {"GET", "/api/v1/dlq?status=pending", 200, "\"list pending\"\n"},
      {"GET", "/api/v1/dlq/7%2f8", 200, "\"show 7/8\"\n"},
      {"GET", "/api/v1/dlq/stats", 200, "\"stats\"\n"},
      {"GET", "/healthz", 200, "ok\n"},
      {"GET", "/readyz", 200, "ready\n"},
      {"GET", "/metrics", 200, "observerd_ready 1\n"},
  };
  for (const auto& one : cases) {
    const HttpResponse response = ask(one.method, one.target);
    EXPECT_EQ(response.status, one.status) << one.target;
    EXPECT_EQ(response.body, one.body) << one.target;
    EXPECT_EQ(header(response, "Cache-Control"), "no-store");
    EXPECT_EQ(header(response, "X-Content-Type-Options"), "nosniff");
  }
}

TEST_F(SiteTest, RefusesWhatIsNotThereOrNotMeantSo) {
  const struct {
    const char *method, *target;
    int status;
  } cases[] = {
      {"GET", "/nothing", 404},
      {"GET", "/metrics/more", 404},
      {"GET", "/api", 404},
      {"GET", "/api/v2/dlq", 404},
      {"GET", "/api/v1/dlq/1/2", 404},
      {"GET", "/api/v1/dlq?statsu=x", 400},
      {"GET", "/api/v1/dlq?status=a&status=b", 400},
      {"POST", "/metrics", 405},
      {"OPTIONS", "/metrics", 405},
      {"get", "/metrics", 405},
      {"GET", "metrics", 400},
      {"GET", "/%ff", 400},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(ask(one.method, one.target).status, one.status) << one.method << ' ' << one.target;
  }
}

TEST_F(SiteTest, SaysWhichMethodsAreAllowed) {
  const std::vector<std::pair<std::string, std::string>> marked = {{"X-Observerd-Request", "1"}};
  const struct {
    const char *method, *target, *allow;
  } cases[] = {{"DELETE", "/api/v1/dlq/7", "GET, HEAD"},
               {"PUT", "/api/v1/dlq/retry", "GET, HEAD, POST"},
               {"POST", "/healthz", "GET, HEAD"}};
  for (const auto& one : cases) {
    const HttpResponse response = ask(one.method, one.target, marked);
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(header(response, "Allow"), one.allow);
  }
}

TEST_F(SiteTest, SuggestsTheParameterThatWasMeant) {
  EXPECT_EQ(error(ask("GET", "/api/v1/dlq?statsu=x")).string_or("message"),
            "there is no parameter \"statsu\", did you mean \"status\"?");
}

TEST_F(SiteTest, TakesOnlyAJsonObjectAsBody) {
  EXPECT_EQ(post("/api/v1/dlq/retry", R"({"ids":["1"]})").status, 200);
  EXPECT_EQ(post("/api/v1/dlq/retry", "").body, "{}\n");
  EXPECT_EQ(post("/api/v1/dlq/retry", "[1]").status, 400);
  EXPECT_EQ(post("/api/v1/dlq/retry", "{").status, 400);
  EXPECT_EQ(post("/api/v1/dlq/retry", R"({"a":1,"a":2})").status, 400);
  EXPECT_EQ(post("/api/v1/dlq/retry", std::string(100, '[')).status, 400);
  EXPECT_EQ(post("/api/v1/dlq/retry", "{}", "text/plain").status, 415);
}

TEST_F(SiteTest, AChangeWithoutTheHeaderIsRefusedBeforeAnythingElse) {
  EXPECT_EQ(ask("POST", "/api/v1/dlq/retry").status, 403);
  EXPECT_EQ(ask("POST", "/api/v1/nothing").status, 403);
}

TEST_F(SiteTest, AnswersOtherTypesThanItsOwnWith406) {
  EXPECT_EQ(ask("GET", "/api/v1/dlq", {{"Accept", "text/html"}}).status, 406);
  EXPECT_EQ(ask("GET", "/metrics", {{"Accept", "application/json"}}).status, 406);
  EXPECT_EQ(ask("GET", "/", {{"Accept", "application/json"}}).status, 406);
}

TEST_F(SiteTest, ErrorsCarryTheirCodeAndNotes) {
  const HttpResponse response = ask("GET", "/api/v1/down");
  EXPECT_EQ(response.status, 503);
  const json::Value down = error(response);
  EXPECT_EQ(down.string_or("code"), "OB009");
  EXPECT_EQ(json::write(*down.find("notes")), "[\"start it\"]");
  EXPECT_TRUE(error(ask("GET", "/api/v1/nothing")).find("code")->is_null());
  EXPECT_EQ(ask("GET", "/api/v1/throws").status, 500);
}

TEST_F(SiteTest, ReadinessTellsTheReasonInTheFormThatIsAskedFor) {
  readiness_ = Status::error(Code::LeaseLost, "shard 2 cannot be read");
  EXPECT_EQ(ask("GET", "/readyz").status, 503);
  EXPECT_EQ(ask("GET", "/readyz").body, "not ready: OB018 shard 2 cannot be read\n");
  const auto body =
      json::parse(ask("GET", "/readyz", {{"Accept", "application/json"}}).body, Code::Storage);
  ASSERT_TRUE(body.ok());
  EXPECT_FALSE(body->find("ready")->as_boolean());
  EXPECT_EQ(body->string_or("code"), "OB018");
  EXPECT_EQ(body->string_or("reason"), "shard 2 cannot be read");
}

TEST_F(SiteTest, ListsItsEndpoints) {
  const auto body = json::parse(ask("GET", "/api/v1").body, Code::Storage);
  ASSERT_TRUE(body.ok());
  const json::Value& list = *body->find("endpoints");
  EXPECT_EQ(list.items().size(), 6u);
  EXPECT_EQ(list.items()[3].string_or("method"), "POST");
  EXPECT_EQ(list.items()[3].string_or("path"), "/api/v1/dlq/retry");
}

TEST_F(SiteTest, OneHostHeaderIsNeeded) {
  HttpRequest request;
  request.method = "GET";
  request.target = "/healthz";
  EXPECT_EQ(site_.respond(request).status, 400);
  request.is_http_10 = true;
  EXPECT_EQ(site_.respond(request).status, 200);
  request.headers = {{"Host", "localhost"}, {"Host", "evil.example"}};
  EXPECT_EQ(site_.respond(request).status, 400);
}

TEST_F(SiteTest, TheDashboardLoadsNothingFromElsewhereAndRunsOnlyItsOwnScript) {
  const HttpResponse first = ask("GET", "/"), second = ask("GET", "/");
  EXPECT_EQ(first.status, 200);
  const std::string policy = header(first, "Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_NE(policy, header(second, "Content-Security-Policy")) << "the nonce is used twice";
  const std::size_t at = policy.find("'nonce-") + 7;
  const std::string nonce = policy.substr(at, policy.find('\'', at) - at);
  EXPECT_NE(first.body.find("<script nonce=\"" + nonce + "\">"), std::string::npos);
  EXPECT_NE(first.body.find("<style nonce=\"" + nonce + "\">"), std::string::npos);
  for (const char* forbidden : {"http://", "https://", "src=", "href=", "onclick", "onload",
                                "innerHTML", "style=\"", "eval(", "@NONCE@", "@SCRIPT@"}) {
    EXPECT_EQ(first.body.find(forbidden), std::string::npos) << forbidden;
  }
}

class SiteWithTokenTest : public SiteTest {
 protected:
  SiteWithTokenTest() : SiteTest("sesame") {}
};

TEST_F(SiteWithTokenTest, DataNeedsTheTokenAndTheRestDoesNot) {
  for (const char* open : {"/", "/healthz", "/readyz"}) {
    EXPECT_EQ(ask("GET", open).status, 200) << open;
  }
  for (const char* closed : {"/metrics", "/api/v1", "/api/v1/dlq", "/api/v1/nothing", "/api"}) {
    const HttpResponse response = ask("GET", closed);
    EXPECT_EQ(response.status, 401) << closed;
    EXPECT_EQ(header(response, "WWW-Authenticate"), "Bearer realm=\"observerd\"");
    EXPECT_NE(ask("GET", closed, {{"Authorization", "Bearer sesame"}}).status, 401) << closed;
  }
}

TEST_F(SiteWithTokenTest, WhyItIsNotReadyIsForThoseWithTheToken) {
  readiness_ = Status::error(Code::Database, "db.internal refuses");
  EXPECT_EQ(ask("GET", "/readyz").body, "not ready\n");
  EXPECT_EQ(ask("GET", "/readyz").status, 503);
  EXPECT_EQ(ask("GET", "/readyz", {{"Authorization", "Bearer sesame"}}).body,
            "not ready: OB009 db.internal refuses\n");
}

}  // namespace
}  // namespace observerd::admin
