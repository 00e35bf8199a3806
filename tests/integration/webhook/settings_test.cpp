#include "base/json.hpp"
#include "fixture.hpp"
#include "support/readme.hpp"

/// What is refused before anything is sent: by the settings, and by what was rendered.
namespace observerd::testing {
namespace {

TEST(Webhook, BindNamesTheMemberThatIsWrong) {
  struct Case {
    const char* settings;
    const char* pointer;
  };
  const Case cases[] = {
      {R"({"url": "example.com/x"})", "/url"},
      {R"({"url": "ftp://example.com/x"})", "/url"},
      {R"({"url": "https://u:p@example.com/x"})", "/url"},
      {R"({"url": "https://u:p@example.com/{{ x }}"})", "/url"},
      {R"({"url": "https://example.com:99999/"})", "/url"},
      {R"({"url": "https://example.com/../x"})", "/url"},
      {R"({"url": "https://h/", "headers": {"Host": "x"}})", "/headers/Host"},
      {R"({"url": "https://h/", "headers": {"content-length": "1"}})", "/headers/content-length"},
      {R"({"url": "https://h/", "headers": {"Transfer-Encoding": "chunked"}})",
       "/headers/Transfer-Encoding"},
      {R"({"url": "https://h/", "headers": {"Connection": "close"}})", "/headers/Connection"},
      {R"({"url": "https://h/", "headers": {"Webhook-Signature": "v1,x"}})",
       "/headers/Webhook-Signature"},
      {R"({"url": "https://h/", "headers": {"X Y": "1"}})", "/headers/X Y"},
      {R"({"url": "https://h/", "headers": {"X\r\nEvil": "1"}})", "/headers/X\r\nEvil"},
      {R"({"url": "https://h/", "headers": {"a/b": "1"}})", "/headers/a~1b"},
      {R"({"url": "https://h/", "headers": {"X": "a\r\nEvil: 1"}})", "/headers/X"},
      {R"({"url": "https://h/", "headers": {"X": "1", "x": "2"}})", "/headers/x"},
      {R"({"url": "https://h/", "method": "GET", "body": {}})", "/body"},
      {R"({"url": "https://h/", "content_type": "a\nb"})", "/content_type"},
      {R"({"url": "https://h/", "content_type": "a/b", "headers": {"Content-type": "c/d"}})",
       "/content_type"},
      {R"({"url": "https://h/", "format": "standard"})", "/format"},
      {R"({"url": "https://h/", "signing_secret": "hunter2"})", "/signing_secret"},
      {R"({"url": "https://h/", "signing_secrets": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_x"]})",
       "/signing_secrets/1"},
      {R"({"url": "https://h/", "connect_timeout": "0s"})", "/connect_timeout"},
      {R"({"url": "https://h/", "proxy": "socks5://proxy:1080"})", "/proxy"},
      {R"({"url": "https://h/", "proxy": "http://u:p@proxy/path"})", "/proxy"},
      {R"({"url": "https://h/", "proxy": "proxy:3128"})", "/proxy"},
      {R"({"url": "https://h/", "ca_file": "/nonexistent/ca.pem"})", "/ca_file"},
      {R"({"url": "https://h/", "client_cert_file": "/dev/null"})", "/client_cert_file"},
      {R"({"url": "https://h/", "client_key_file": "/dev/null"})", "/client_key_file"},
      {R"({"url": "https://h/", "cloudevent_type": "x"})", "/cloudevent_type"},
      {R"({"url": "https://h/", "format": "cloudevents", "cloudevent_source": "a\nb"})",
       "/cloudevent_source"},
      {R"({"url": "https://h/", "format": "cloudevents", "method": "GET"})", "/method"},
      {R"({"url": "https://h/", "format": "cloudevents", "headers": {"Content-Type": "a/b"}})",
       "/headers/Content-Type"},
      {R"({"url": "https://h/", "format": "cloudevents-binary", "headers": {"CE-Id": "1"}})",
       "/headers/CE-Id"},
      {R"({"url": "https://h/", "success_codes": [99]})", "/success_codes/0"},
      {R"({"url": "https://h/", "retry_codes": ["520-510"]})", "/retry_codes/0"},
      {R"({"url": "https://h/", "retry_codes": [409], "permanent_codes": ["400-410"]})",
       "/permanent_codes"},
  };
  Webhook webhook;
  for (const auto& c : cases) {
    const auto problems = webhook.bind_problems(c.settings);
    ASSERT_EQ(problems.size(), 1U) << c.settings;
    EXPECT_TRUE(problems[0].starts_with(std::string(c.pointer) + ": ")) << problems[0];
    EXPECT_EQ(problems[0].find("hunter2"), std::string::npos);
    EXPECT_EQ(problems[0].find("u:p"), std::string::npos);
  }
}

TEST(Webhook, BindReportsEveryProblemAtOnce) {
  Webhook webhook;
  const auto problems = webhook.bind_problems(
      R"({"url": "x", "headers": {"Host": "h", "": "v"}, "format": "standard", "retry_codes": [1]})");
  EXPECT_EQ(problems.size(), 5U);
}

TEST(Webhook, TakesItsUrlAndSecretsFromTheEnvironment) {
  HttpServer server;
  Webhook webhook;
  const std::string settings = resolved(
      R"({"url_env": "HOOK", "headers": {"Authorization": {"env": "TOKEN", "prefix": "Bearer "}},
          "signing_secret_env": "KEY"})",
      {{"HOOK", server.url("/from-env")},
       {"TOKEN", "t0ken"},
       {"KEY", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}});
  EXPECT_EQ(summary(webhook.deliver(settings)), "delivered");
  EXPECT_EQ(server.request(0).target, "/from-env");
  EXPECT_EQ(server.request(0).header("Authorization"), "Bearer t0ken");
  EXPECT_TRUE(server.request(0).header("webhook-signature").starts_with("v1,"));
}

TEST(Webhook, TheExampleOfTheReadmeDelivers) {
  const auto examples = readme_blocks("webhook");
  ASSERT_EQ(examples.size(), 2U);
  const std::string theirs = "https://erp.example.com/";
  std::string action = examples[0];
  ASSERT_NE(action.find(theirs), std::string::npos);
  HttpServer server;
  action.replace(action.find(theirs), theirs.size(), server.url());
  ReadmeTrial trial;
  trial.set_variable("ERP_TOKEN", "t0ken");
  trial.set_variable("ERP_SIGNING_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  trial.configure(examples[1]);
  const std::string said = trial.sent({action}, R"({"kind": "insert", "entity": "Order",
      "id": "42", "new": {"id": 42, "region": "eu", "total": 100.00}})");
  ASSERT_EQ(server.requests().size(), 1U) << said;
  EXPECT_EQ(server.request(0).target, "/hooks/eu");
  EXPECT_EQ(server.request(0).header("Authorization"), "Bearer t0ken");
  EXPECT_EQ(server.request(0).body, R"({"order":42,"total":100.00})");
  EXPECT_EQ(server.request(0).count_header("webhook-signature"), 1U);
}

TEST(Webhook, PlainHttpNeedsPermission) {
  Webhook strict("{}");
  EXPECT_EQ(strict.bind_problems(R"({"url": "http://example.com/"})").size(), 1U);
  EXPECT_EQ(strict.bind_problems(R"({"url": "HTTP://example.com/{{ x }}"})").size(), 1U);
  EXPECT_EQ(strict.bind_problems(R"({"url": "https://example.com/"})").size(), 0U);
  HttpServer server;
  const auto result = strict.deliver(action("{{ url }}"), {.settings = action(server.url())});
  EXPECT_EQ(summary(result), "rejected bad_url");
  EXPECT_EQ(server.connections(), 0);
}

TEST(Webhook, OpenNamesTheMemberThatIsWrong) {
  const auto problems = Webhook::open_problems(
      R"({"allow_addresses": ["all"], "ca_file": "/nonexistent", "timeout": "0s"})");
  ASSERT_EQ(problems.size(), 3U);
  EXPECT_TRUE(problems[0].starts_with("/allow_addresses/0: ")) << problems[0];
  EXPECT_TRUE(problems[1].starts_with("/ca_file: ")) << problems[1];
  EXPECT_TRUE(problems[2].starts_with("/timeout: ")) << problems[2];
}

TEST(Webhook, ARenderedUrlIsCheckedBeforeItIsUsed) {
  HttpServer server;
  Webhook webhook;
  const std::string port = std::to_string(server.port());
  for (const std::string& url :
       {std::string("not a url"), "http://user@127.0.0.1:" + port + "/",
        server.url("/a/../../admin"), server.url("/a/%2e%2e/admin"), server.url("/a b"),
        server.url("/a\\r\\nX-Evil: 1"), std::string("file:///etc/passwd"),
        std::string("gopher://127.0.0.1:") + port + "/x"}) {
    const auto result =
        webhook.deliver(action("{{ url }}"), {.settings = R"({"url": ")" + url + "\"}"});
    EXPECT_EQ(summary(result), "rejected bad_url") << url << result.message;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(Webhook, HeaderInjectionIsImpossible) {
  HttpServer server;
  Webhook webhook;
  const std::string settings = action(server.url(), R"(, "headers": {"X-A": "{{ a }}"})");
  for (const char* value : {R"(v\r\nX-Evil: 1)", R"(v\nX-Evil: 1)", R"(v\rX-Evil: 1)", R"(v\u0000)",
                            R"(\u001b[31m)", R"(v\r\n\r\nGET / HTTP/1.1)"}) {
    const auto result = webhook.deliver(
        settings, {.settings = std::string(R"({"headers": {"X-A": ")") + value + "\"}}"});
    EXPECT_EQ(summary(result), "rejected bad_header") << value;
  }
  // A header that was not configured cannot be smuggled in by what is rendered.
  const auto result = webhook.deliver(
      settings, {.settings = R"({"headers": {"X-A": "ok", "X-Evil": "1", "Host": "evil"}})"});
  EXPECT_EQ(summary(result), "delivered");
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_EQ(server.request(0).count_header("X-Evil"), 0U);
  EXPECT_NE(server.request(0).header("Host"), "evil");
  EXPECT_EQ(server.violations(), std::vector<std::string>());
}

TEST(Webhook, ForbiddenAddressesAreNotDialled) {
  HttpServer server;
  Webhook webhook(R"({"allow_http": true, "connect_timeout": "1s"})");
  const std::string port = std::to_string(server.port());
  const char* const hosts[] = {
      // this machine, in every form that a resolver takes
      "127.0.0.1", "localhost", "LOCALHOST", "127.1", "127.0.1", "2130706433", "0x7f.1",
      "0x7f000001", "0177.0.0.1", "017700000001", "%31%32%37.0.0.1", "0.0.0.0", "0", "[::]",
      "[::1]", "[0:0:0:0:0:0:0:1]",
      // an IPv4 address inside an IPv6 one
      "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:127.0.0.1]", "[::127.0.0.1]",
      "[64:ff9b::7f00:1]", "[64:ff9b:1::a00:1]", "[2002:7f00:1::]", "[2001:0:53aa:64c::1]",
      "[::ffff:169.254.169.254]", "[::ffff:0:7f00:1]",
      // metadata, private, link-local and other blocks
      "169.254.169.254", "168.63.129.16", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1",
      "192.0.0.192", "192.0.2.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
      "[fd00:ec2::254]", "[fe80::1]", "[ff02::1]", "[2001:db8::1]", "[3fff::1]", "[100::1]"};
  for (const std::string host : hosts) {
    const auto result = webhook.deliver(action("http://" + host + ":" + port + "/"));
    EXPECT_EQ(summary(result), "misconfigured address_refused") << host << ": " << result.message;
  }
  // With a dot at their end they are names, which hardly a resolver knows.
  for (const char* host : {"localhost.", "127.0.0.1."}) {
    const auto result = webhook.deliver(action("http://" + std::string(host) + ":" + port + "/"));
    EXPECT_NE(result.outcome, plugin::Outcome::Delivered) << host;
  }
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace observerd::testing
