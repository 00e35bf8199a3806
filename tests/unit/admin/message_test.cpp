#include "admin/message.hpp"

#include <gtest/gtest.h>

namespace observerd::admin {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;
using Words = std::vector<std::string>;

TEST(RequestTarget, IsTakenApartAndDecoded) {
  const struct {
    std::string text;
    Words segments;
    Pairs query;
  } cases[] = {
      {"/", {}, {}},
      {"/metrics", {"metrics"}, {}},
      {"/a/b/", {"a", "b"}, {}},
      {"//a", {"", "a"}, {}},
      {"/a%2Fb/c%20d", {"a/b", "c d"}, {}},
      {"/a+b", {"a+b"}, {}},
      {"/a?", {"a"}, {}},
      {"/a?x=1&y=a+b%26&&z", {"a"}, {{"x", "1"}, {"y", "a b&"}, {"z", ""}}},
      {"/a?x=1?2=3", {"a"}, {{"x", "1?2=3"}}},
      {"/%C3%A9", {"é"}, {}},
  };
  for (const auto& one : cases) {
    const auto target = parse_target(one.text);
    ASSERT_TRUE(target) << one.text;
    EXPECT_EQ(target->segments, one.segments) << one.text;
    EXPECT_EQ(target->query, one.query) << one.text;
  }
}

TEST(RequestTarget, IsRefusedWhenMalformed) {
  for (const char* text : {"", "metrics", "http://x/", "*", "/%", "/%4", "/%zz", "/%00", "/a%0Ab",
                           "/%ff", "/?a=%C3", "/?%=1"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Accept, TheMostSpecificRangeDecides) {
  const struct {
    const char* accept;
    bool json;
  } cases[] = {
      {"", true},
      {"*/*", true},
      {"application/json", true},
      {"Application/JSON;q=0.1", true},
      {"application/*", true},
      {"text/html, */*;q=0.1", true},
      {"text/html", false},
      {"text/*", false},
      {"application/json;q=0, */*", false},
      {"*/*;q=0", false},
      {"application/*;q=0, application/json", true},
      {"garbage", false},
      {"application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", true},
  };
  for (const auto& one : cases) {
    HttpRequest request;
    request.headers = {{"accept", one.accept}};
    EXPECT_EQ(accepts(request, "application", "json"), one.json) << one.accept;
  }
  EXPECT_TRUE(accepts({}, "application", "json"));
}

}  // namespace
}  // namespace observerd::admin
