#include "app/secret_parts.hpp"

#include <gmock/gmock.h>

namespace observerd::app {
namespace {

using ::testing::ElementsAreArray;

using Texts = std::vector<std::string>;

TEST(SecretParts, OfAUrlAreWhatGivesItAway) {
  const struct {
    std::string secret;
    Texts parts;
  } cases[] = {
      {"no url", {}},
      {"://nothing/of-a-scheme-here", {}},
      {"https://example.com", {}},
      {"https://example.com/", {}},
      {"https://example.com/in", {}},
      {"https://example.com/hooks", {}},
      {"https://example.com/incoming", {"/incoming"}},
      {"https://example.com/services/T0000/abcdefabcdef",
       {"/services/T0000/abcdefabcdef", "abcdefabcdef"}},
      {"https://example.com?key=12345678", {"?key=12345678", "12345678"}},
      {"https://example.com/a?v=1&key=a-secret=&12345678#top",
       {"/a?v=1&key=a-secret=&12345678", "a-secret=", "12345678"}},
      {"https://example.com/{{ region }}?key=12345678",
       {"/{{ region }}?key=12345678", "{{ region }}", "12345678"}},
      {"https://example.com//?&&=", {}},
  };
  for (const auto& one : cases) {
    Texts expected = one.parts;
    expected.insert(expected.begin(), one.secret);
    EXPECT_THAT(with_url_parts({one.secret}), ElementsAreArray(expected)) << one.secret;
  }
}

TEST(SecretParts, OtherSecretsStayAsTheyAre) {
  const Texts secrets = {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "", "/a/path/that/is/long"};
  EXPECT_EQ(with_url_parts(secrets), secrets);
}

}  // namespace
}  // namespace observerd::app
