#include <gtest/gtest.h>

#include "base/units.hpp"
#include "common/client_settings.hpp"
#include "common/headers.hpp"
#include "common/url.hpp"

namespace observerd::common {
namespace {

TEST(HeaderName, IsAToken) {
  for (const char* name : {"X", "X-Tenant", "x_1", "!#$%&'*+-.^_`|~"}) {
    EXPECT_TRUE(is_header_name(name)) << name;
  }
  for (const char* name : {"", "X Y", "X:", "X\r\nY", "X\n", "Ä", "X(", "X\t", "a/b", "\"a\""}) {
    EXPECT_FALSE(is_header_name(name)) << name;
  }
}

TEST(HeaderValue, HoldsNoControlCharacters) {
  for (const char* value : {"", "a b", "a\tb", "größe", "\"quoted\", x=y; z"}) {
    EXPECT_TRUE(is_header_value(value)) << value;
  }
  for (const std::string& value :
       {std::string("a\r\nX-Evil: 1"), std::string("a\nb"), std::string("a\rb"),
        std::string("a\0b", 3), std::string("a\x7f"), std::string("\x1b[0m"), std::string(" a"),
        std::string("a "), std::string("\ta")}) {
    EXPECT_FALSE(is_header_value(value)) << value;
  }
}

TEST(ReservedHeader, CoversTheFramingInAnyCase) {
  for (const char* name : {"Host", "CONTENT-LENGTH", "transfer-encoding", "Connection", "TE",
                           "Proxy-Authorization", "proxy-x", "Expect", "Accept-Encoding"}) {
    EXPECT_TRUE(is_reserved_header(name)) << name;
  }
  for (const char* name : {"Authorization", "Hosts", "X-Host", "Content-Type", "Proxy"}) {
    EXPECT_FALSE(is_reserved_header(name)) << name;
  }
}

TEST(Url, GivesTheOriginInOneForm) {
  const std::pair<const char*, const char*> cases[] = {
      {"https://api.example.com/x?y=1#z", "https://api.example.com:443"},
      {"HTTPS://API.Example.COM:8443", "https://api.example.com:8443"},
      {"http://example.com", "http://example.com:80"},
      {"http://[2001:DB8::1]:81/", "http://[2001:db8::1]:81"},
  };
  for (const auto& [text, origin] : cases) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url) << text << ": " << url.status().to_string();
    EXPECT_EQ(url->origin(), origin);
  }
  EXPECT_EQ(parse_url("https://h/p#secret")->text.find("secret"), std::string::npos);
}

TEST(Url, RefusesWhatMayNotBeRequested) {
  for (const std::string& text : {std::string(""),
                                  std::string("/path"),
                                  std::string("example.com/x"),
                                  std::string("ftp://example.com/"),
                                  std::string("file:///etc/passwd"),
                                  std::string("gopher://x/"),
                                  std::string("https://"),
                                  std::string("https:///x"),
                                  std::string("https://user@example.com/"),
                                  std::string("https://u:p@example.com/"),
                                  std::string("https://example.com:0/"),
                                  std::string("https://example.com:65536/"),
                                  std::string("https://exa mple.com/"),
                                  std::string("https://example.com/a b"),
                                  std::string("https://example.com/\r\nX: y"),
                                  std::string("https://example.com/a\0b", 23),
                                  std::string("https://example.com/a/../b"),
                                  std::string("https://example.com/.."),
                                  std::string("https://example.com/%2e%2E/admin"),
                                  std::string("https://example.com/./b"),
                                  std::string("https://[::1/"),
                                  std::string("javascript:alert(1)")}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
  EXPECT_TRUE(parse_url("https://example.com/a..b/.c/x?y=../z"));
}

TEST(Url, ErrorsDoNotRepeatTheUrl) {
  const auto url = parse_url("https://u:hunter2@example.com/");
  EXPECT_EQ(url.status().to_string().find("hunter2"), std::string::npos);
}

TEST(ClientSettings, ReadsAllAndKeepsDefaults) {
  const auto settings = json::parse(
      R"({"allow_http": true, "allow_addresses": ["127.0.0.0/8"], "proxy": "http://p:3128",
          "connect_timeout": "1500ms", "timeout": "2m", "max_response_bytes": 10,
          "max_connections": 3, "user_agent": "x/1"})",
      Code::ActionSettings);
  const auto no_problem = [](const std::string& pointer, const std::string& sentence) {
    ADD_FAILURE() << pointer << ": " << sentence;
  };
  const auto parsed = parse_client_settings(*settings, no_problem);
  EXPECT_TRUE(parsed.client.allow_http);
  EXPECT_EQ(parsed.client.proxy, "http://p:3128");
  EXPECT_EQ(parsed.client.connect_timeout, Milliseconds(1500));
  EXPECT_EQ(parsed.timeout, Milliseconds(120'000));
  EXPECT_EQ(parsed.client.max_response_bytes, 10U);
  EXPECT_EQ(parsed.client.max_connections, 3);
  EXPECT_EQ(parsed.client.user_agent, "x/1");
  const auto defaults = parse_client_settings(json::Value::object(), no_problem);
  EXPECT_FALSE(defaults.client.allow_http);
  EXPECT_EQ(defaults.timeout, Milliseconds(30'000));
  EXPECT_TRUE(defaults.client.user_agent.starts_with("observerd/"));
}

TEST(ClientSettings, NamesEachBadMember) {
  const auto settings = json::parse(
      R"({"allow_addresses": ["10.0.0.0/8", "intranet"], "timeout": "soon",
          "ca_file": "/nonexistent/ca.pem", "client_cert_file": "/dev/null",
          "user_agent": "x\ny"})",
      Code::ActionSettings);
  std::vector<std::string> pointers;
  parse_client_settings(*settings, [&](const std::string& pointer, const std::string&) {
    pointers.push_back(pointer);
  });
  EXPECT_EQ(pointers, (std::vector<std::string>{"/allow_addresses/1", "/ca_file",
                                                "/client_cert_file", "/timeout", "/user_agent"}));
}

TEST(Duration, TakesOneNumberAndOneUnit) {
  EXPECT_EQ(parse_duration("250ms"), Milliseconds(250));
  EXPECT_EQ(parse_duration("1h"), Milliseconds(3'600'000));
  for (const char* text : {"", "5", "s", "-5s", "5 s", "5sec", "1.5s", "99999999999999999999s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace observerd::common
