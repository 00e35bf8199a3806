#include "config_test_support.hpp"

namespace observerd::config {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Config, AnyStringMayStandElsewhere) {
  Environment env = environment({{"URL", "postgresql://e/d"}, {"LEVEL", "warn"}, {"COLUMN", "id"}},
                                {{"/etc/o/url", "postgresql://f/d\n"},
                                 {"/run/c/url", "postgresql://c/d"},
                                 {"/two", "postgresql://f/d\n\n"}});
  env.credentials_directory = "/run/c";
  const struct {
    const char* database;
    const char* url;
  } cases[] = {
      {R"("url":{"env":"URL"})", "postgresql://e/d"},
      {R"("url_env":"URL")", "postgresql://e/d"},
      {R"("url":{"file":"/etc/o/url"})", "postgresql://f/d"},
      {R"("url":{"file":"url"})", "postgresql://f/d"},  // beside the file that names it
      {R"("url":{"file":"/two"})", "postgresql://f/d\n"},
      {R"("url":{"credential":"url"})", "postgresql://c/d"},
      {R"("url":{"env":"COLUMN","prefix":"postgresql://h/"})", "postgresql://h/id"},
  };
  for (const auto& c : cases) {
    const Loaded loaded =
        load_named({{"/etc/o/f.json", "{\"database\":{" + std::string(c.database) + "}}"}}, env);
    ASSERT_THAT(loaded.errors(), IsEmpty()) << c.database;
    EXPECT_EQ(loaded.settings().database.url, c.url);
  }
  const Loaded loaded = load_one(
      with(
          R"("log":{"level_env":"LEVEL"},"entities":{"E":{"table":"t","key":[{"env":"COLUMN"}]}})"),
      env);
  ASSERT_THAT(loaded.errors(), IsEmpty());
  EXPECT_EQ(loaded.settings().log.level, "warn");
  EXPECT_THAT(loaded.settings().entities.at("E").key, ElementsAre("id"));
}

TEST(Errors, AReferenceThatCannotBeResolvedNamesWhatIsMissing) {
  Environment env = environment({{"BAD", "\xff"}, {"A", "x"}}, {});
  env.credentials_directory = "/run/c";
  const struct {
    const char* database;
    const char* error;
  } cases[] = {
      {R"("url":{"env":"NO"})", ":20 /database/url: the environment variable \"NO\" is not set"},
      {R"("url_env":"NO")", ":24 /database/url_env: the environment variable \"NO\" is not set"},
      {R"("url_env":3)",
       ":24 /database/url_env: must be the name of an environment variable, is a number"},
      {R"("url":"postgresql://h/d","url_env":"A")",
       ":49 /database/url_env: \"url\" is given as well: only one of the two may be there"},
      {R"("url":{"env":"BAD"})",
       ":20 /database/url: the environment variable \"BAD\" does not hold text: it is not UTF-8"},
      {R"("url":{"file":"/none"})",
       ":20 /database/url: cannot read the file /none: No such file or directory"},
      {R"("url":{"credential":"none"})",
       ":20 /database/url: cannot read the credential \"none\": No such file or directory"},
      {R"("url":{"credential":"../x"})",
       ":20 /database/url: \"../x\" is no credential's name: it must be a plain file name"},
      {R"("url":{"env":"A","file":"/x"})",
       ":20 /database/url: a reference has only one of \"env\", \"file\" and \"credential\""},
      {R"("url":{"env":"A","prefx":"p"})",
       ":20 /database/url: unknown member \"prefx\" of a reference, did you mean \"prefix\"?"},
      {R"("url":{"env":3})", ":20 /database/url: \"env\" must be a string, is a number"},
      {R"("url":{"a":3})", ":20 /database/url: must be a string, is an object"},
  };
  for (const auto& c : cases) {
    const Loaded loaded = load_one("{\"database\":{" + std::string(c.database) + "}}", env);
    EXPECT_THAT(loaded.errors(), ElementsAre("OB001 f.json:1" + std::string(c.error)));
  }
  env.credentials_directory.clear();
  const Loaded shell = load_one(R"({"database":{"url":{"credential":"c"}}})", env);
  EXPECT_THAT(shell.diagnostics.errors().at(0).to_string(),
              ::testing::HasSubstr("systemd-run --pty -p LoadCredential="));
  EXPECT_THAT(
      shell.errors(),
      ElementsAre("OB001 f.json:1:20 /database/url: there is no credential \"c\": "
                  "CREDENTIALS_DIRECTORY is not set (systemd sets it for LoadCredential=)"));
}

}  // namespace
}  // namespace observerd::config
