#include "admin/access.hpp"

#include <gtest/gtest.h>

namespace observerd::admin {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

int refusal(const std::string& listen, const std::string& token, Headers headers, bool changes) {
  HttpRequest request;
  request.headers = std::move(headers);
  const Access access(*parse_listen_address(listen), token);
  const auto refused = access.refuse(request, changes);
  return refused ? refused->status : 0;
}

TEST(Access, ATokenIsNeededWhereThereIsOneWhereverItListens) {
  const struct {
    std::string authorization;
    int refused;
  } cases[] = {
      {"Bearer sesame", 0},    {"bearer sesame", 0},    {"Bearer  sesame ", 0},
      {"Bearer sesam", 401},   {"Bearer sesame2", 401}, {"Bearer Sesame", 401},
      {"Bearer ", 401},        {"Bearer", 401},         {"", 401},
      {"Basic c2VzYW1l", 401}, {"sesame", 401},         {std::string("Bearer sesame\0", 14), 401},
  };
  for (const char* listen : {"127.0.0.1:1", "0.0.0.0:1", "unix:/a"}) {
    for (const auto& one : cases) {
      EXPECT_EQ(refusal(listen, "sesame", {{"Authorization", one.authorization}}, true),
                one.refused)
          << listen << ' ' << one.authorization;
    }
    EXPECT_EQ(refusal(listen, "sesame", {}, false), 401);
    EXPECT_EQ(refusal(listen, "sesame",
                      {{"Authorization", "Bearer sesame"}, {"Authorization", "Bearer x"}}, false),
              401);
  }
}

TEST(Access, WithoutATokenTheHostMustBeThisMachines) {
  for (const char* own : {"127.0.0.1:9810", "127.0.0.1", "localhost", "LOCALHOST:80", "[::1]:9810",
                          "[::1]", "127.1.2.3:1"}) {
    EXPECT_EQ(refusal("127.0.0.1:9810", "", {{"Host", own}}, false), 0) << own;
  }
  for (const char* other :
       {"evil.example", "evil.example:9810", "127.0.0.1.evil.example", "localhost.evil.example",
        "192.0.2.1:9810", "[2001:db8::1]", "[::1", "", ":9810", "localhost@evil.example"}) {
    EXPECT_EQ(refusal("127.0.0.1:9810", "", {{"Host", other}}, false), 421) << other;
  }
}

TEST(Access, WithoutATokenChangesNeedAHeaderThatNoForeignPageMaySend) {
  const Headers plain = {{"Host", "127.0.0.1:1"}};
  const Headers marked = {{"Host", "127.0.0.1:1"}, {"x-observerd-request", "1"}};
  EXPECT_EQ(refusal("127.0.0.1:1", "", plain, false), 0);
  EXPECT_EQ(refusal("127.0.0.1:1", "", plain, true), 403);
  EXPECT_EQ(refusal("127.0.0.1:1", "", marked, true), 0);
  EXPECT_EQ(refusal("unix:/a", "", {{"Host", "anything"}}, true), 0);
}

TEST(Access, NobodyIsLetInFromAfarWithoutAToken) {
  EXPECT_EQ(refusal("0.0.0.0:1", "", {{"Host", "localhost"}}, false), 403);
}

}  // namespace
}  // namespace observerd::admin
