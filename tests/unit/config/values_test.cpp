// Durations, sizes, and what is masked in a text.
#include "base/units.hpp"
#include "config_test_support.hpp"

namespace observerd::config {
namespace {

using namespace std::chrono_literals;

TEST(Config, Durations) {
  const struct {
    const char* text;
    std::optional<Milliseconds> value;
  } cases[] = {
      {"1500ms", 1500ms},
      {"30s", 30s},
      {"5m", 5min},
      {"1h", 1h},
      {"7d", 168h},
      {"0s", 0ms},
      {"36525d", 876600h},
      {"36526d", {}},
      {"", {}},
      {"5", {}},
      {"s", {}},
      {"-5s", {}},
      {"+5s", {}},
      {"1.5s", {}},
      {"5 s", {}},
      {" 5s", {}},
      {"5s ", {}},
      {"5S", {}},
      {"5sec", {}},
      {"1h30m", {}},
      {"0x5s", {}},
      {"9999999999999d", {}},
      {"99999999999999999999ms", {}},
  };
  for (const auto& c : cases) EXPECT_EQ(parse_duration(c.text), c.value) << c.text;
}

TEST(Config, Sizes) {
  const struct {
    const char* text;
    std::optional<std::int64_t> value;
  } cases[] = {
      {"1000", 1000},
      {"0", 0},
      {"10kB", 10'000},
      {"64MiB", 64LL << 20},
      {"1B", 1},
      {"1GB", 1'000'000'000},
      {"4194304TiB", 1LL << 62},
      {"4194305TiB", {}},
      {"", {}},
      {"MiB", {}},
      {"-1", {}},
      {"1.5MiB", {}},
      {"1 MiB", {}},
      {"1mib", {}},
      {"1K", {}},
      {"99999999999999999999", {}},
  };
  for (const auto& c : cases) EXPECT_EQ(parse_bytes(c.text), c.value) << c.text;
}

TEST(Config, FormattedQuantitiesAreReadBack) {
  for (const auto value : {0ms, 1ms, 100ms, 1000ms, 90'000ms, 3'600'000ms, 604'800'000ms}) {
    EXPECT_EQ(parse_duration(format_duration(value)), value) << format_duration(value);
  }
  EXPECT_EQ(format_duration(0ms), "0s");
  EXPECT_EQ(format_duration(24h), "1d");
  for (const std::int64_t value : {0LL, 1LL, 1000LL, 1024LL, 64LL << 10, 1LL << 62}) {
    EXPECT_EQ(parse_bytes(format_bytes(value)), value) << format_bytes(value);
  }
}

TEST(Masking, PasswordsOfUrlsAndKeywordStrings) {
  const struct {
    const char* url;
    const char* masked;
  } cases[] = {
      {"postgresql://user:secret@host/db", "postgresql://user:***@host/db"},
      {"postgresql://user:s:e@c@host:5432/db", "postgresql://user:***@host:5432/db"},
      {"postgresql://user@host/db", "postgresql://user@host/db"},
      {"postgresql://host:5432/db", "postgresql://host:5432/db"},
      {"postgresql://user:@host/db", "postgresql://user:@host/db"},
      {"postgresql:///db?host=/run&password=secret&x=1",
       "postgresql:///db?host=/run&password=***&x=1"},
      {"postgresql://u:a@h/d?sslpassword=b#f", "postgresql://u:***@h/d?sslpassword=***#f"},
      // Broken: a raw slash in the password. Rather too much than too little.
      {"postgresql://user:se/cr?et@host/db", "postgresql://user:***@host/db"},
      {"https://h/path:a", "https://h/path:a"},
      {"see https://h/x: write to me@h", "see https://h/x: write to me@h"},
      {"host=h password=secret user=u", "host=h password=*** user=u"},
      {"password = 'a \\' b' host=h", "password = *** host=h"},
      {"password='open", "password=***"},
      {"password='open\\", "password=***"},
      {"host=h password=a\\ b user=u", "host=h password=*** user=u"},
      {"host=h password=ab://cd@x", "host=h password=***"},
      {"host=h passwords=x", "host=h passwords=x"},
      {"password=", "password="},
      {"", ""},
      {"://", "://"},
  };
  for (const auto& c : cases) EXPECT_EQ(masked_url(c.url), c.masked) << c.url;
}

TEST(Masking, SecretsInTexts) {
  EXPECT_EQ(mask_secrets("a secret-long and a secret", {"secret", "secret-long"}),
            "a *** and a ***");
  EXPECT_EQ(mask_secrets("abc abcd", {"abc", "", "abcd"}), "abc ***");
  EXPECT_EQ(mask_secrets("xxxxxxxx", {"xxxx"}), "******");
  EXPECT_EQ(mask_secrets("nothing", {}), "nothing");
  EXPECT_EQ(mask_secrets("****", {"****"}), "***");
}

}  // namespace
}  // namespace observerd::config
