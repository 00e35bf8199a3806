#include "fixture.hpp"
#include "support/cache_servers.hpp"
#include "support/http_server.hpp"

/// A real Varnish; Fastly and Cloudflare as strict fakes of their published APIs.
namespace observerd::testing {
namespace {

using Problems = std::vector<std::string>;

/// An application whose pages say how often they were made.
class CacheVarnish : public CacheTest {
 protected:
  void SetUp() override {
    if (!VarnishServer::is_there()) {
      GTEST_SKIP() << "varnish, varnish-modules or a C compiler is not installed";
    }
    application_.handle([this](const HttpRequest& request) {
      return HttpReply(200, request.target + " #" + std::to_string(++made_))
          .with("Cache-Control", "max-age=600")
          .with("xkey", "all page" + request.target.substr(1));
    });
    varnish_ = std::make_unique<VarnishServer>(
        application_.port(),
        "sub vcl_recv { if (req.http.Host == \"closed.example\") { return (synth(405)); } }\n");
    open(cache_settings("varnish", varnish_->url(), R"(, "allow_http": true)"));
  }
  VarnishServer& varnish() { return *varnish_; }
  std::string get(const std::string& path) { return varnish_->get("shop.example", path); }

  HttpServer application_;

 private:
  std::atomic<int> made_{0};
  std::unique_ptr<VarnishServer> varnish_;
};

TEST_F(CacheVarnish, UrlsTagsAndPatternsArePurgedRefreshedAndBanned) {
  EXPECT_EQ(get("/1"), "/1 #1");
  EXPECT_EQ(get("/2"), "/2 #2");
  EXPECT_EQ(get("/1"), "/1 #1") << "it is kept";

  EXPECT_EQ(summary(deliver(R"({"operation": "purge", "urls": ["https://shop.example/1"]})")),
            "delivered");
  EXPECT_EQ(get("/1"), "/1 #3");
  EXPECT_EQ(get("/2"), "/2 #2");
  EXPECT_EQ(summary(deliver(R"({"operation": "purge", "urls": ["https://other.example/2"]})")),
            "delivered")
      << "what is not there is success";
  EXPECT_EQ(get("/2"), "/2 #2") << "another host's";

  EXPECT_EQ(summary(deliver(R"({"tags": ["page1", "unknown"]})")), "delivered");
  EXPECT_EQ(get("/1"), "/1 #4");
  EXPECT_EQ(get("/2"), "/2 #2");

  EXPECT_EQ(summary(deliver(R"({"operation": "refresh", "urls": ["https://shop.example/2"]})")),
            "delivered");
  EXPECT_EQ(get("/2"), "/2 #5") << "was fetched by the refresh, not by this visitor";
  EXPECT_EQ(application_.requests().size(), 5u);

  EXPECT_EQ(get("/a-b/x"), "/a-b/x #6");
  EXPECT_EQ(summary(deliver(R"({"operation": "ban", "key_pattern": "/a-b/*"})")), "delivered");
  EXPECT_EQ(get("/a-b/x"), "/a-b/x #7");
  EXPECT_EQ(get("/1"), "/1 #4");
  EXPECT_EQ(summary(deliver(R"({"key_pattern": "/[0-1]"})")), "delivered");
  EXPECT_EQ(get("/1"), "/1 #8");
  EXPECT_EQ(get("/2"), "/2 #5");
  EXPECT_EQ(probe(R"({"tags": ["a"]})"), "");
}

TEST_F(CacheVarnish, AValueCannotChangeABanAndOneThatLetsNobodyPurgeIsAMisconfiguration) {
  EXPECT_EQ(get("/1"), "/1 #1");
  const auto results =
      cache().deliver_all(R"({"operation": "ban", "key_pattern": "/{{ id }}"})",
                          {rendered(R"({"key_pattern": "/x || obj.http.x-url ~ ."})"),
                           rendered(R"({"key_pattern": "/x\" || req.url ~ \"."})"),
                           rendered(R"({"key_pattern": "/x\r\nX-Ban-Url: ."})")});
  for (const auto& result : results) EXPECT_EQ(summary(result), "delivered");
  EXPECT_EQ(get("/1"), "/1 #1");
  EXPECT_EQ(summary(deliver(R"({"urls": ["https://closed.example/1"]})")),
            "misconfigured varnish_method_refused");
}

class CacheHttp : public CacheTest {
 protected:
  /// What the servers say, one after the other, to the same action.
  std::string says(HttpReply reply, const std::string& action) {
    server_.always(std::move(reply));
    return summary(deliver(action));
  }
  HttpServer server_;
};

TEST_F(CacheHttp, EveryVarnishIsToldAndTheWorstOutcomeCounts) {
  HttpServer other;
  open(R"({"allow_http": true, "allow_addresses": ["127.0.0.0/8"], "flavour": "varnish",)"
       R"( "servers": [")" +
       server_.url() + R"(", ")" + other.url() + R"("]})");
  const std::string action = R"({"urls": ["https://shop.example/a?b=1"]})";
  EXPECT_EQ(summary(deliver(action)), "delivered");
  for (const HttpServer* server : {&server_, &other}) {
    EXPECT_EQ(server->request(0).method, "PURGE");
    EXPECT_EQ(server->request(0).target, "/a?b=1");
    EXPECT_EQ(server->request(0).header("Host"), "shop.example");
    EXPECT_EQ(server->violations(), Problems{});
  }
  other.always(HttpReply(503));
  EXPECT_EQ(summary(deliver(action)), "retry http_503");
  EXPECT_EQ(says(HttpReply(404), action), "retry http_503");
  other.always(HttpReply(404));
  EXPECT_EQ(summary(deliver(action)), "delivered") << "many VCLs say 404 for what is not there";
  const std::string preview = cache().preview(action, rendered("{}"));
  EXPECT_EQ(preview.substr(0, 7), "PURGE h") << preview;
  EXPECT_EQ(preview.find("Host: 127.0.0.1"), std::string::npos) << preview;
}

/// Fastly as its reference says: https://www.fastly.com/documentation/reference/api/purging/
HttpReply fastly(const HttpRequest& request) {
  if (request.method != "POST" && request.method != "GET") return HttpReply(405);
  if (request.header("Fastly-Key") != "secret-token") {
    return HttpReply(401, R"({"msg":"Provided credentials are missing or invalid"})");
  }
  if (request.method == "GET") {
    return request.target == "/service/S1" ? HttpReply(200, R"({"id":"S1"})") : HttpReply(404);
  }
  const std::string soft = request.header("Fastly-Soft-Purge");
  if (!soft.empty() && soft != "1") return HttpReply(400);
  if (request.target.starts_with("/purge/")) {
    return HttpReply(200, R"({"status":"ok","id":"1-2-3"})");
  }
  if (request.target != "/service/S1/purge") {
    return HttpReply(404, R"({"msg":"Record not found"})");
  }
  const std::string keys = request.header("Surrogate-Key");
  const auto count = std::count(keys.begin(), keys.end(), ' ') + 1;
  if (keys.empty() || count > 256 || keys.find(',') != std::string::npos) {
    return HttpReply(400, R"({"msg":"Bad request","detail":"surrogate keys"})");
  }
  return HttpReply(200, R"({"a":"1-2-3"})");
}

TEST_F(CacheHttp, FastlyPurgesUrlsAndTagsHardOrSoft) {
  const auto settings = [&](const std::string& service, const std::string& token) {
    return local_settings(R"(, "flavour": "fastly", "service_id": ")" + service +
                          R"(", "api_token": ")" + token + R"(", "base_url": ")" + server_.url() +
                          "\"");
  };
  server_.handle(fastly);
  open(settings("S1", "secret-token"));
  EXPECT_EQ(summary(deliver(R"({"urls": ["https://shop.example/a?b"], "tags": ["t1", "t2"]})")),
            "delivered");
  std::vector<std::string> targets = {server_.request(0).target, server_.request(1).target};
  std::sort(targets.begin(), targets.end());
  EXPECT_EQ(targets, (Problems{"/purge/shop.example/a?b", "/service/S1/purge"}));

  std::string many;
  for (int i = 0; i < 600; ++i) many += (i == 0 ? "\"t" : ", \"t") + std::to_string(i) + "\"";
  EXPECT_EQ(summary(deliver(R"({"operation": "refresh", "tags": [)" + many + "]}")), "delivered");
  EXPECT_EQ(server_.requests().size(), 5u) << "256 keys in each";
  EXPECT_EQ(server_.request(4).header("Fastly-Soft-Purge"), "1");
  EXPECT_EQ(server_.violations(), Problems{});
  EXPECT_EQ(probe(R"({"tags": ["a"]})"), "");
  EXPECT_EQ(summary(cache().deliver(R"({"tags": ["{{ t }}"]})", rendered(R"({"tags": ["a b"]})"))),
            "rejected cache_bad_tag");

  open(settings("S2", "secret-token"));
  EXPECT_EQ(summary(deliver(R"({"tags": ["a"]})")), "misconfigured fastly_not_found");
  open(settings("S1", "old-token"));
  EXPECT_EQ(summary(deliver(R"({"tags": ["a"]})")), "misconfigured http_401");
  EXPECT_NE(probe(R"({"tags": ["a"]})"), "");
  const std::string action = R"({"tags": ["a"]})";
  EXPECT_EQ(says(HttpReply(429).with("Retry-After", "7"), action), "throttled http_429");
  EXPECT_EQ(says(HttpReply(200, "<html>"), action), "retry fastly_bad_answer");
}

/// Cloudflare as its reference says:
/// https://developers.cloudflare.com/api/resources/cache/methods/purge/
HttpReply cloudflare(const HttpRequest& request) {
  const auto failure = [](int status, int code) {
    return HttpReply(status, R"({"success":false,"errors":[{"code":)" + std::to_string(code) +
                                 R"(,"message":"no"}],"messages":[],"result":null})");
  };
  const HttpReply success(
      200, R"({"success":true,"errors":[],"messages":[],"result":{"id":"Z1","status":"active"}})");
  if (request.header("Authorization") != "Bearer secret-token") return failure(403, 10000);
  if (request.method == "GET" && request.target == "/user/tokens/verify") return success;
  if (request.method != "POST") return failure(405, 10000);
  if (request.target != "/zones/Z1/purge_cache") return failure(404, 7003);
  if (request.header("Content-Type") != "application/json") return failure(400, 6003);
  const auto body = json::parse(request.body, Code::ActionFailed);
  if (!body || !body->is_object() || body->members().size() != 1) return failure(400, 1012);
  const auto& [name, list] = body->members().front();
  if ((name != "files" && name != "tags") || !list.is_array()) return failure(400, 1012);
  if (list.items().empty() || list.items().size() > 30) return failure(400, 1094);
  return success;
}

TEST_F(CacheHttp, CloudflarePurgesUrlsAndTagsThirtyAtATime) {
  const auto settings = [&](const std::string& zone, const std::string& token) {
    return local_settings(R"(, "flavour": "cloudflare", "zone_id": ")" + zone +
                          R"(", "api_token": ")" + token + R"(", "base_url": ")" + server_.url() +
                          "\"");
  };
  server_.handle(cloudflare);
  open(settings("Z1", "secret-token"));
  std::string many;
  for (int i = 0; i < 70; ++i) many += (i == 0 ? "\"t" : ", \"t") + std::to_string(i) + "\"";
  EXPECT_EQ(summary(deliver(R"({"urls": ["https://shop.example/a"], "tags": [)" + many + "]}")),
            "delivered");
  EXPECT_EQ(server_.requests().size(), 4u);
  EXPECT_EQ(server_.violations(), Problems{});
  EXPECT_EQ(probe(R"({"tags": ["a"]})"), "");
  const std::string preview = cache().preview(R"({"tags": ["a"]})", rendered("{}"));
  EXPECT_NE(preview.find(R"({"tags":["a"]})"), std::string::npos) << preview;

  const std::string action = R"({"tags": ["a"]})";
  open(settings("Z2", "secret-token"));
  EXPECT_EQ(summary(deliver(action)), "misconfigured cloudflare_7003");
  open(settings("Z1", "old-token"));
  EXPECT_EQ(summary(deliver(action)), "misconfigured cloudflare_10000");
  EXPECT_NE(probe(action), "");
  EXPECT_EQ(
      says(HttpReply(200, R"({"success":false,"errors":[{"code":1107,"message":"no"}]})"), action),
      "rejected cloudflare_1107");
  EXPECT_EQ(says(HttpReply(429).with("Retry-After", "Fri, 31 Dec 2100 23:59:59 GMT"), action),
            "throttled http_429");
  EXPECT_EQ(says(HttpReply(500), action), "retry http_500");
  EXPECT_EQ(says(HttpReply(200, "hello"), action), "retry cloudflare_bad_answer");
}

TEST_F(CacheHttp, AnswersThatAreNoneLeaveItOpenWhatHappened) {
  open(cache_settings("varnish", server_.url(), R"(, "allow_http": true)"));
  const std::string action = R"({"tags": ["a"]})";
  EXPECT_EQ(says(HttpReply::reset(), action), "retry connection_reset");
  EXPECT_EQ(says(HttpReply::truncated(), action), "retry truncated_answer");
  EXPECT_EQ(says(HttpReply::bytes("nonsense\r\n\r\n"), action), "retry malformed_answer");
  server_.always(HttpReply::hang());
  EXPECT_EQ(summary(deliver(action, Milliseconds(300))), "retry timeout");
  EXPECT_EQ(summary(cache().deliver(R"({"urls": ["{{ u }}"]})",
                                    rendered(R"({"urls": ["shop.example/a"]})"))),
            "rejected bad_url");
}

TEST_F(CacheHttp, WrongSettingsAreExplained) {
  const auto opening = [](const std::string& members) {
    return ActionPlugin::open_problems("cache", "{" + members + "}");
  };
  EXPECT_EQ(opening(R"("flavour": "cloudflare")"),
            (Problems{"/zone_id: is needed with the flavour cloudflare",
                      "/api_token: is needed with the flavour cloudflare"}));
  EXPECT_EQ(opening(R"("flavour": "fastly", "api_token": "a\nb")").size(), 1u);
  EXPECT_EQ(opening(R"("flavour": "varnish")"),
            Problems{"/servers: must name the URL of each Varnish"});
  EXPECT_EQ(opening(R"("flavour": "varnish", "servers": ["https://v.example/x"], "tls": true)"),
            (Problems{"/tls: has no meaning with the flavour varnish",
                      "/servers/0: has a path: only scheme, host and port are used"}));
  EXPECT_EQ(opening(R"("flavour": "varnish", "servers": ["http://v.example"])").size(), 1u);
  open(R"({"flavour": "fastly", "api_token": "t"})");
  EXPECT_EQ(cache().bind_problems(R"({"tags": ["a"]})").size(), 1u) << "without a service";
  open(R"({"flavour": "cloudflare", "api_token": "t", "zone_id": "Z"})");
  EXPECT_EQ(cache().bind_problems(R"({"operation": "refresh", "tags": ["a"]})"),
            Problems{"/operation: cloudflare has no refresh; it has invalidate, purge"});
}

}  // namespace
}  // namespace observerd::testing
