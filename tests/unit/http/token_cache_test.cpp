#include "common/token_cache.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "common/base64.hpp"
#include "support/manual_clock.hpp"

namespace observerd::common {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

/// A cache whose source answers when the test says so.
class TokenCacheTest : public ::testing::Test {
 protected:
  /// What `use` calls back with: the header, or the code of the result; "" when it waits.
  std::shared_ptr<std::string> use() {
    auto got = std::make_shared<std::string>();
    cache_.use([got](const TokenCache::Answer& answer) {
      const auto* header = std::get_if<std::string>(&answer);
      *got = header != nullptr ? *header : std::get<sdk::Result>(answer).code;
    });
    return got;
  }
  void grant(const std::string& header) {
    answer(TokenCache::Token{header, minutes(60), minutes(55)});
  }
  void answer(TokenCache::Outcome outcome) {
    ASSERT_FALSE(asked_.empty());
    const auto done = std::move(asked_.back());
    asked_.pop_back();
    done(std::move(outcome));
  }

  std::vector<std::function<void(TokenCache::Outcome)>> asked_;
  testing::ManualClock clock_;
  TokenCache cache_{{.fetch =
                         [this](std::function<void(TokenCache::Outcome)> done) {
                           asked_.push_back(std::move(done));
                         },
                     .is_refusal = [](const Response& response) { return response.status == 401; },
                     .least_age = minutes(1)},
                    clock_};
};

TEST_F(TokenCacheTest, ManyThatWaitCauseOneRequest) {
  const auto first = use();
  const auto second = use();
  EXPECT_EQ(asked_.size(), 1u);
  EXPECT_EQ(*first, "");
  grant("one");
  EXPECT_EQ(*first, "one");
  EXPECT_EQ(*second, "one");
  EXPECT_EQ(*use(), "one") << "at once";
  EXPECT_TRUE(asked_.empty());
}

TEST_F(TokenCacheTest, IsRenewedBeforeItExpiresAndUsedMeanwhile) {
  use();
  grant("one");
  clock_.advance(minutes(55) - seconds(1));
  EXPECT_EQ(*use(), "one");
  EXPECT_TRUE(asked_.empty());
  clock_.advance(seconds(1));
  EXPECT_EQ(*use(), "one");
  EXPECT_EQ(*use(), "one");
  EXPECT_EQ(asked_.size(), 1u);
  grant("two");
  EXPECT_EQ(*use(), "two");
}

TEST_F(TokenCacheTest, IsUsedToItsEndWhenItCannotBeRenewed) {
  use();
  grant("one");
  clock_.advance(minutes(55));
  use();
  answer(sdk::retry("down", ""));
  EXPECT_EQ(*use(), "one");
  EXPECT_TRUE(asked_.empty()) << "not again at once";
  clock_.advance(seconds(10));
  EXPECT_EQ(*use(), "one");
  EXPECT_EQ(asked_.size(), 1u);
  answer(sdk::retry("down", ""));
  clock_.advance(minutes(5));
  const auto late = use();
  EXPECT_EQ(*late, "") << "it has expired";
  grant("two");
  EXPECT_EQ(*late, "two");
}

TEST_F(TokenCacheTest, AFailureIsToldToAllWhoWaitAndToNobodyElse) {
  const auto first = use();
  const auto second = use();
  answer(sdk::misconfigured("bad_key", ""));
  EXPECT_EQ(*first, "bad_key");
  EXPECT_EQ(*second, "bad_key");
  const auto third = use();
  grant("one");
  EXPECT_EQ(*third, "one");
}

TEST_F(TokenCacheTest, ARefusedTokenIsGotAnewOnce) {
  use();
  grant("one");
  clock_.advance(minutes(1));
  EXPECT_TRUE(cache_.renew("one"));
  const auto first = use();
  EXPECT_TRUE(cache_.renew("one")) << "the next that was refused waits for the same new one";
  const auto second = use();
  EXPECT_EQ(asked_.size(), 1u);
  grant("two");
  EXPECT_EQ(*first, "two");
  EXPECT_TRUE(cache_.renew("one"));
  EXPECT_EQ(*use(), "two");
}

TEST_F(TokenCacheTest, AYoungTokenIsKeptThoughRefused) {
  use();
  grant("one");
  clock_.advance(seconds(59));
  EXPECT_FALSE(cache_.renew("one"));
  EXPECT_EQ(*use(), "one");
}

TEST(Base64Url, IsUnpaddedAndReadsEitherAlphabet) {
  // RFC 7515 appendix C
  const std::string bytes = {3, static_cast<char>(236), static_cast<char>(255),
                             static_cast<char>(224), static_cast<char>(193)};
  EXPECT_EQ(base64url_encode(bytes), "A-z_4ME");
  EXPECT_EQ(base64url_decode("A-z_4ME"), bytes);
  EXPECT_EQ(base64url_decode("A+z/4ME="), bytes);
  EXPECT_EQ(base64url_decode("A-z 4ME"), std::nullopt);
}

}  // namespace
}  // namespace observerd::common
