#include "admin/listen_address.hpp"

#include <gtest/gtest.h>

namespace observerd::admin {
namespace {

TEST(ListenAddress, ReadsWhatIsAllowed) {
  const struct {
    std::string text, written;
    bool local;
  } cases[] = {
      {"127.0.0.1:9810", "127.0.0.1:9810", true},   {"127.8.9.1:0", "127.8.9.1:0", true},
      {"localhost:65535", "127.0.0.1:65535", true}, {"[::1]:1", "[::1]:1", true},
      {"0.0.0.0:9810", "0.0.0.0:9810", false},      {"[::]:9810", "[::]:9810", false},
      {"192.0.2.7:80", "192.0.2.7:80", false},      {"unix:/run/a.sock", "unix:/run/a.sock", true},
  };
  for (const auto& one : cases) {
    const auto address = parse_listen_address(one.text);
    ASSERT_TRUE(address.ok()) << one.text << ' ' << address.status().to_string();
    EXPECT_EQ(address->to_string(), one.written);
    EXPECT_EQ(address->is_local(), one.local) << one.text;
  }
}

TEST(ListenAddress, RefusesTheRestAndSaysWhy) {
  const struct {
    std::string text, why;
  } cases[] = {
      {"", "the port is missing"},
      {"127.0.0.1", "the port is missing"},
      {"127.0.0.1:", "the port is no number"},
      {"127.0.0.1:65536", "the port is no number"},
      {"127.0.0.1:-1", "the port is no number"},
      {"127.0.0.1:80x", "the port is no number"},
      {"::1:80", "stands in brackets"},
      {"[127.0.0.1]:80", "neither an IP address"},
      {"example.com:80", "neither an IP address"},
      {":80", "neither an IP address"},
      {"unix:relative", "must be absolute"},
      {"unix:", "must be absolute"},
      {"unix:/" + std::string(107, 'x'), "at most 107 bytes"},
  };
  for (const auto& one : cases) {
    const auto address = parse_listen_address(one.text);
    ASSERT_FALSE(address.ok()) << one.text;
    EXPECT_EQ(address.status().code(), Code::Configuration);
    EXPECT_NE(address.status().message().find(one.why), std::string::npos)
        << address.status().message();
  }
}

}  // namespace
}  // namespace observerd::admin
