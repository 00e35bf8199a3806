#include <gtest/gtest.h>

#include "base/units.hpp"
#include "common/client_settings.hpp"
#include "common/headers.hpp"
#include "common/proxy_url.hpp"
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
                                  std::string("https://bücher.example/"),
                                  std::string("https://b%C3%BCcher.example/"),
                                  std::string("https://１２７.0.0.1/"),
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
  EXPECT_EQ(parsed.client.route.proxy, "http://p:3128");
  EXPECT_EQ(parsed.client.route.connect_timeout, Milliseconds(1500));
  EXPECT_EQ(parsed.timeout, Milliseconds(120'000));
  EXPECT_EQ(parsed.client.route.max_response_bytes, 10U);
  EXPECT_EQ(parsed.client.max_connections, 3);
  EXPECT_EQ(parsed.client.user_agent, "x/1");
  const auto defaults = parse_client_settings(json::Value::object(), no_problem);
  EXPECT_FALSE(defaults.client.allow_http);
  EXPECT_EQ(defaults.timeout, std::nullopt);
  EXPECT_TRUE(defaults.client.user_agent.starts_with("observerd/"));
}

TEST(ClientSettings, NamesEachBadMember) {
  const auto settings = json::parse(
      R"({"allow_addresses": ["10.0.0.0/8", "intranet"], "timeout": "soon",
          "ca_file": "/nonexistent/ca.pem", "client_cert_file": "/dev/null", "proxy": "p:1",
          "user_agent": "x\ny"})",
      Code::ActionSettings);
  std::vector<std::string> pointers;
  parse_client_settings(*settings, [&](const std::string& pointer, const std::string&) {
    pointers.push_back(pointer);
  });
  EXPECT_EQ(pointers, (std::vector<std::string>{"/allow_addresses/1", "/proxy", "/ca_file",
                                                "/client_cert_file", "/timeout", "/user_agent"}));
}

TEST(Route, AnActionReplacesWhatItNamesAndKeepsTheRest) {
  const auto no_problem = [](const std::string& pointer, const std::string& sentence) {
    ADD_FAILURE() << pointer << ": " << sentence;
  };
  Route base;
  base.proxy = "http://p:3128";
  base.ca_file = "/dev/null";
  base.max_response_bytes = 7;
  const auto parse = [&](const char* text) {
    return parse_route(*json::parse(text, Code::ActionSettings), base, no_problem);
  };
  const Route same = parse("{}");
  EXPECT_EQ(same.proxy, "http://p:3128");
  EXPECT_EQ(same.max_response_bytes, 7U);
  EXPECT_EQ(route_label(same, base), "");
  const Route other = parse(
      R"({"proxy": "direct", "connect_timeout": "1s", "client_cert_file": "/dev/zero",
          "client_key_file": "/dev/zero"})");
  EXPECT_EQ(other.proxy, "");
  EXPECT_EQ(other.ca_file, "/dev/null");
  EXPECT_EQ(other.connect_timeout, Milliseconds(1000));
  EXPECT_EQ(route_label(other, base), " (proxy none, certificate /dev/zero)");
  const Route login = parse(R"({"proxy": "https://u:hunter2@q:8080/"})");
  EXPECT_EQ(route_label(login, base), " (proxy q:8080)");
}

TEST(ProxyUrl, IsAnHttpServerAndNothingMore) {
  for (const char* url :
       {"http://p", "http://p:3128", "HTTPS://p:3128/", "http://u:p%40@p:1", "http://[::1]:3128"}) {
    EXPECT_TRUE(check_proxy_url(url).ok()) << url;
  }
  for (const char* url :
       {"", "p:3128", "p", "socks5://p", "socks5h://p:1", "ftp://p", "http://", "http://p/x",
        "http://p?x", "http://p#x", "http://p:99999", "http://u:hunter2@p:port"}) {
    const Status status = check_proxy_url(url);
    EXPECT_FALSE(status.ok()) << url;
    EXPECT_EQ(status.message().find("hunter2"), std::string::npos);
  }
}

TEST(Url, WritesAddressesInTheirUsualForm) {
  const std::pair<const char*, const char*> cases[] = {{"https://%31%32%37.0.0.1/", "127.0.0.1"},
                                                       {"http://0x7f.1/", "127.0.0.1"},
                                                       {"http://2130706433/", "127.0.0.1"}};
  for (const auto& [text, host] : cases) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url) << text << ": " << url.status().to_string();
    EXPECT_EQ(url->host, host);
  }
  EXPECT_EQ(parse_url("https://h:443/")->authority(), "h");
  EXPECT_EQ(parse_url("http://h:443/")->authority(), "h:443");
  EXPECT_EQ(parse_url("https://[2001:db8::1]:81/")->authority(), "[2001:db8::1]:81");
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
